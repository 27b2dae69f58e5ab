/**
 * Credentials from a program that the kubeconfig names (`exec`). It is run anew when they end and when
 * the cluster refuses them, never for each call.
 *
 * Facts: kubernetes.io, "Authenticating", client-go credential plugins; what the program is given is as
 * in kubernetes/config/exec_provider.py.
 */
import { spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';

import { z } from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import { withDeadline } from '../../../base/wait.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import type { ClusterSection, ExecSection } from './kube-config.ts';

const TIMEOUT_SECONDS = 60;
/** No honest answer is longer. */
const MOST_CHARACTERS = 1_000_000;
/** Of the program's last words in an error. */
const MOST_WORDS = 300;

export interface ExecOptions {
  readonly exec: ExecSection;
  readonly cluster: ClusterSection;
  /** Of the kubeconfig: where the program runs. */
  readonly folder: string;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Whose context it is, for errors. */
  readonly section: string;
}

/** All of it is secret. */
export interface ExecCredential {
  readonly token: string | undefined;
  /** PEM. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds from now on. Infinity: until they are refused. */
  readonly lifeMs: number;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const answerSchema = z.object({
  apiVersion: z.string(),
  status: z.object({
    token: text,
    clientCertificateData: text,
    clientKeyData: text,
    expirationTimestamp: text,
  }),
});

/** @throws CloudError NP_CLOUD_TRANSIENT; NP_CLOUD_FATAL where there is no such program */
export async function runExecPlugin(
  options: ExecOptions,
  signal: AbortSignal,
): Promise<ExecCredential> {
  const { exec, clock } = options;
  const error = (): Error => failed(options, `does not end within ${TIMEOUT_SECONDS} s`);
  const output = await withDeadline({ clock, ms: TIMEOUT_SECONDS * 1000, signal, error }, (inner) =>
    outputOf(options, inner),
  );
  const { success, data } = answerSchema.safeParse(jsonOf(output));
  if (!success) throw failed(options, 'gives no ExecCredential with a status');
  if (data.apiVersion !== exec.apiVersion)
    throw failed(options, `speaks ${data.apiVersion.slice(0, 80)}, not ${exec.apiVersion}`);
  const {
    token,
    clientCertificateData: cert,
    clientKeyData: key,
    expirationTimestamp,
  } = data.status;
  if (token === undefined && (cert === undefined || key === undefined))
    throw failed(options, 'gives neither a token nor a certificate with its key');
  const endMs = expirationTimestamp === undefined ? NaN : Date.parse(expirationTimestamp);
  const lifeMs = Number.isNaN(endMs) ? Infinity : Math.max(0, endMs - clock.now());
  return { token, cert, key, lifeMs };
}

function outputOf(options: ExecOptions, signal: AbortSignal): Promise<string> {
  const { exec, folder, environment } = options;
  const { command } = exec;
  const isPath = command.includes('/') && !isAbsolute(command);
  return new Promise((resolve, reject) => {
    const child = spawn(isPath ? join(folder, command) : command, exec.args ?? [], {
      cwd: folder,
      env: {
        ...environment,
        ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: execInfo(options),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    const said = { output: '', words: '' };
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      if (said.output.length < MOST_CHARACTERS) said.output += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said.words = (said.words + piece).slice(-MOST_CHARACTERS);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT' || error.code === 'EACCES'
          ? missing(options, error.code)
          : failed(options, `cannot be run: ${messageOf(error)}`),
      );
    });
    child.once('close', (status, killedBy) => {
      if (status === 0) resolve(said.output);
      else
        reject(failed(options, `ends with ${killedBy ?? `status ${status ?? '?'}`}`, said.words));
    });
  });
}

function execInfo({ exec, cluster }: ExecOptions): string {
  const { apiVersion, provideClusterInfo } = exec;
  const spec = { interactive: false, ...(provideClusterInfo === true && { cluster }) };
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    // Node's own words would quote the output.
    return undefined;
  }
}

function missing({ exec, section }: ExecOptions, code: string): CloudError {
  return new CloudError(
    'NP_CLOUD_FATAL',
    `${section}: the program ${exec.command} of the kubeconfig cannot be run: ${code}`,
    { hint: 'install it, or correct the command under exec of the kubeconfig and PATH' },
  );
}

function failed({ exec, section }: ExecOptions, problem: string, words = ''): CloudError {
  const last = lastWords(words);
  return new CloudError(
    'NP_CLOUD_TRANSIENT',
    `${section}: the program ${exec.command} of the kubeconfig ${problem}${last === '' ? '' : `: ${last}`}`,
    { labels: ['retryable'] },
  );
}

/** The last line, without what looks like a secret. */
export function lastWords(words: string): string {
  const line = words.trim().split('\n').at(-1)?.trim() ?? '';
  return line.replaceAll(/[\w+/=.-]{24,}/g, '***').slice(0, MOST_WORDS);
}
