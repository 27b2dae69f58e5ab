/**
 * What signs in at an image's registry: as `docker login` or an operator has left it for Docker's own
 * client, in config.json of DOCKER_CONFIG or ~/.docker.
 *
 *   auths        user and password (base64), or a token, by registry
 *   credHelpers  a program `docker-credential-<name>` that is asked, by registry
 *   credsStore   such a program for all other registries
 *
 * The program gets the registry on its standard input and answers there; nothing secret is ever an
 * argument, or in an error.
 *
 * Facts: docs.docker.com/reference/cli/docker/login, docker/cli cli/config/configfile,
 * docker/docker-credential-helpers.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { NodepoolError } from '../../../shared/base/errors.ts';
import type { Environment } from '../../../shared/config/substitute.ts';
import { registryOf } from './image-name.ts';

/** As the daemon takes it. */
export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

export interface LoginInput {
  readonly environment: Environment;
  /** The user's home folder. */
  readonly home: string;
}

const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }),
    )
    .default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().default(''),
});

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

/** The user of a secret that is a token. */
const TOKEN_USER = '<token>';
const HELPER_MS = 30_000;
/** What a helper says when it has nothing for a registry. */
const NOTHING_KNOWN = /credentials not found/i;

/**
 * Undefined: none is known, the registry is asked as a stranger.
 *
 * @throws NodepoolError NP_BUILD_RUNNER where the file cannot be read, or the program fails.
 */
export async function registryLogin(
  image: string,
  { environment, home }: LoginInput,
  signal: AbortSignal,
): Promise<RegistryLogin | undefined> {
  const folder = environment.DOCKER_CONFIG ?? '';
  const path = join(folder === '' ? join(home, '.docker') : folder, 'config.json');
  const config = await readConfig(path);
  if (config === undefined) return undefined;
  const registry = registryOf(image);
  const helper = config.credHelpers[registry] ?? config.credsStore;
  if (helper !== '') return ask(helper, registry, { environment, signal });
  const entry = Object.entries(config.auths).find(([name]) => hostOf(name) === hostOf(registry));
  return entry && loginOf(registry, entry[1]);
}

async function readConfig(path: string): Promise<z.output<typeof configSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new NodepoolError('NP_BUILD_RUNNER', `${path} cannot be read (${code ?? 'unknown'})`);
  }
  const parsed = configSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new NodepoolError('NP_BUILD_RUNNER', `${path} is no configuration of Docker’s client`, {
    hint: 'Repair it, or remove it and run `docker login` again.',
  });
}

/** Of old entries, which are URLs: `https://registry.example/v1/`. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function loginOf(
  serveraddress: string,
  {
    auth = '',
    identitytoken = '',
  }: { auth?: string | undefined; identitytoken?: string | undefined },
): RegistryLogin | undefined {
  if (identitytoken !== '') return { identitytoken, serveraddress };
  const [, username, password] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(auth, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined) return undefined;
  // Some clients end the text with zeros.
  return { username, password: password.replace(/\0+$/, ''), serveraddress };
}

function ask(
  helper: string,
  serveraddress: string,
  { environment, signal }: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<RegistryLogin | undefined> {
  const program = `docker-credential-${helper}`;
  const options = { signal, timeout: HELPER_MS, env: environment };
  return new Promise((resolve, reject) => {
    const child = execFile(program, ['get'], options, (error, stdout) => {
      const answer = error === null ? answerSchema.safeParse(parseJson(stdout)) : undefined;
      if (answer?.success === true) resolve(ofAnswer(serveraddress, answer.data));
      else if (error !== null && NOTHING_KNOWN.test(stdout)) resolve(undefined);
      else reject(helperError(program, serveraddress, error));
    });
    // One that ends without reading: its exit code tells.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(serveraddress);
  });
}

function ofAnswer(
  serveraddress: string,
  { Username, Secret }: z.output<typeof answerSchema>,
): RegistryLogin {
  return Username === TOKEN_USER
    ? { identitytoken: Secret, serveraddress }
    : { username: Username, password: Secret, serveraddress };
}

/** Its words are left out: they may hold what it should have kept. */
function helperError(program: string, registry: string, error: Error | null): NodepoolError {
  const { code, killed } = (error ?? {}) as { code?: string | number | null; killed?: boolean };
  const reason =
    error === null
      ? 'its answer cannot be read'
      : killed === true
        ? `no answer within ${HELPER_MS / 1000} s`
        : typeof code === 'number'
          ? `exit code ${code}`
          : (code ?? 'it was ended');
  return new NodepoolError('NP_BUILD_RUNNER', `${program} for ${registry}: ${reason}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
