/**
 * Where the builders' web servers are, and what they answer in JSON. All are asked at once, each for two
 * seconds; one that does not answer, or is Python's and has none, is reported and holds nobody up.
 *
 * The port is taken from our own configuration, on the assumption that all builders share it.
 */
import type { z } from 'zod';

import type { Config } from '../../schemas/config/model.ts';
import type { Clock } from '../base/clock.ts';
import { NodepoolError } from '../base/errors.ts';
import { withDeadline } from '../base/wait.ts';
import { targetsOf, type Target } from './targets.ts';
import { getText, sayFetchError } from './get-text.ts';

/** One builder, asked. */
export interface Asked<T> {
  /** Without a path. */
  readonly url: string;
  /** Undefined: see `problem`. */
  readonly answer: T | undefined;
  readonly problem: string | undefined;
}

export interface AskOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 2000;

/** `hosts`: as builders register, or as records name them. */
export function builderTargets(
  hosts: readonly string[],
  { extensions }: Pick<Config, 'extensions'>,
  ownHostname: string,
): Target[] {
  const named = hosts.map((host) => ({ hostname: isOwn(host, ownHostname) ? ownHostname : host }));
  return targetsOf(named, extensions.builder.web, ownHostname);
}

export function builderUrls(
  hosts: readonly string[],
  config: Pick<Config, 'extensions'>,
  ownHostname: string,
): string[] {
  return builderTargets(hosts, config, ownHostname).map(({ url }) => url);
}

/** Records have the full name of a host, registrations the short one. */
export function isOwn(host: string, ownHostname: string): boolean {
  return host === ownHostname || host.split('.', 1)[0] === ownHostname;
}

export async function askBuilders<T>(
  urls: readonly string[],
  path: string,
  schema: z.ZodType<T>,
  options: AskOptions,
): Promise<Asked<T>[]> {
  const error = (): Error =>
    new NodepoolError('NP_ABORTED', `no answer within ${TIMEOUT_MS / 1000} s`);
  return Promise.all(
    urls.map(async (url): Promise<Asked<T>> => {
      try {
        return await withDeadline({ ...options, ms: TIMEOUT_MS, error }, async (signal) => {
          const { status, body } = await getText(url, path, signal);
          const answer = status === 200 ? parse(schema, body) : undefined;
          const what = status === 200 ? 'something else' : String(status);
          const problem = `it answers ${what}, and is no builder of ours`;
          return { url, answer, problem: answer === undefined ? problem : undefined };
        });
      } catch (cause) {
        if (options.signal.aborted) throw cause;
        return { url, answer: undefined, problem: sayFetchError(cause) };
      }
    }),
  );
}

function parse<T>(schema: z.ZodType<T>, body: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
