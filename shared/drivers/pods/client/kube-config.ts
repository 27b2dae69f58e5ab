/**
 * The kubeconfig: several files make one, as in Python's client. Of entries with the same name the first
 * counts, of `current-context` the last; files that are not there are left out; paths in a file are
 * relative to its folder. Nothing but names leaves this file in an error: the rest may be secret.
 *
 * Facts: kubernetes/config/kube_config.py; kubernetes.io, "Organizing Cluster Access Using kubeconfig
 * Files".
 */
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';

import { parseDocument } from 'yaml';
import { z } from 'zod';

import { CloudError, messageOf } from '../../../base/errors.ts';
import { unlessMissing } from '../../../base/unless-missing.ts';
import { listed } from '../../../cloud/listed.ts';
import type { Environment } from '../../../cloud/proxy.ts';

const name = z.union([z.string(), z.number()]).transform(String);
const optional = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value)));

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  'certificate-authority': optional,
  'certificate-authority-data': optional,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': optional,
  'proxy-url': z
    .url({ protocol: /^(https?|socks5)$/ })
    .nullish()
    .transform((url) => url ?? undefined),
});

const execSchema = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(name).nullish(),
  env: z.array(z.object({ name: z.string(), value: name })).nullish(),
  provideClusterInfo: z.boolean().nullish(),
});

const userSchema = z.object({
  token: optional,
  tokenFile: optional,
  username: optional,
  password: optional,
  'client-certificate': optional,
  'client-certificate-data': optional,
  'client-key': optional,
  'client-key-data': optional,
  as: optional,
  exec: execSchema.nullish(),
  'auth-provider': z
    .object({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() })
    .nullish(),
});

const contextSchema = z.object({ cluster: name, user: name.nullish() });

const entries = z
  .array(z.looseObject({ name }))
  .nullish()
  .transform((list) => list ?? []);

const fileSchema = z.object({
  clusters: entries,
  users: entries,
  contexts: entries,
  'current-context': optional,
});

type Entry = Readonly<Record<string, unknown>> & { readonly name: string };
type Kind = 'clusters' | 'users' | 'contexts';

export type ClusterSection = z.output<typeof clusterSchema>;
export type ExecSection = z.output<typeof execSchema>;
export type UserSection = z.output<typeof userSchema>;

/** What one context leads to. */
export interface KubeConfigChoice {
  readonly context: string;
  readonly cluster: ClusterSection;
  /** Where the cluster's paths begin. */
  readonly clusterFolder: string;
  /** Undefined: the context names none. */
  readonly user: UserSection | undefined;
  readonly userFolder: string;
}

/** Of the files that the environment names. */
export function kubeConfigFiles(environment: Environment): readonly string[] {
  const { KUBECONFIG: list = '', HOME: home } = environment;
  const files = list.split(delimiter).filter((file) => file !== '');
  if (files.length > 0) return files.map((file) => resolve(withHome(file, home)));
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')];
}

function withHome(file: string, home: string | undefined): string {
  return home !== undefined && /^~(\/|$)/.test(file) ? join(home, file.slice(1)) : file;
}

/**
 * Undefined: none of the files is there. `section` says whose context it is, for errors.
 *
 * @throws CloudError NP_CLOUD_FATAL
 */
export async function readKubeConfig(
  files: readonly string[],
  context: string | undefined,
  section: string,
): Promise<KubeConfigChoice | undefined> {
  const merged = new Merged(section);
  for (const file of files) await merged.add(file);
  return merged.isEmpty ? undefined : merged.choose(context);
}

class Merged {
  readonly #section: string;
  readonly #files: string[] = [];
  readonly #entries: Record<Kind, Map<string, { entry: Entry; folder: string }>> = {
    clusters: new Map(),
    users: new Map(),
    contexts: new Map(),
  };
  #current: string | undefined;

  constructor(section: string) {
    this.#section = section;
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  async add(file: string): Promise<void> {
    const text = await unlessMissing(readFile(file, 'utf8')).catch((error: unknown) => {
      throw this.#error(`${file} cannot be read: ${messageOf(error)}`);
    });
    if (text === undefined) return;
    this.#files.push(file);
    const read = fileSchema.safeParse(this.#yamlOf(file, text));
    if (!read.success) throw this.#error(`${file} has a wrong ${wrongKeys(read.error)}`);
    for (const kind of ['clusters', 'users', 'contexts'] as const)
      for (const entry of read.data[kind])
        if (!this.#entries[kind].has(entry.name))
          this.#entries[kind].set(entry.name, { entry, folder: dirname(file) });
    this.#current = read.data['current-context'] ?? this.#current;
  }

  choose(wanted: string | undefined): KubeConfigChoice {
    const context = wanted ?? this.#current;
    if (context === undefined || context === '')
      throw this.#error(`${this.#where} has no current-context`, this.#contextsHint);
    const found = this.#entries.contexts.get(context);
    if (found === undefined)
      throw this.#error(`${this.#where} has no context ${context}`, this.#contextsHint);
    const places = this.#read(contextSchema, found.entry.context, `context ${context}`);
    const cluster = this.#entries.clusters.get(places.cluster);
    if (cluster === undefined)
      throw this.#error(
        `${this.#where} has no cluster ${places.cluster}, which context ${context} names`,
      );
    const { user: userName } = places;
    // As in Python's client a user that is not there is none.
    const user =
      userName === null || userName === undefined ? undefined : this.#entries.users.get(userName);
    return {
      context,
      cluster: this.#read(clusterSchema, cluster.entry.cluster, `cluster ${places.cluster}`),
      clusterFolder: cluster.folder,
      user: user && this.#read(userSchema, user.entry.user ?? {}, `user ${userName ?? ''}`),
      userFolder: user?.folder ?? cluster.folder,
    };
  }

  get #where(): string {
    return this.#files.join(', ');
  }

  get #contextsHint(): string {
    const names = [...this.#entries.contexts.keys()];
    return `correct context of ${this.#section}; there are: ${names.length === 0 ? 'none' : listed(names)}`;
  }

  #yamlOf(file: string, text: string): unknown {
    // As PyYAML reads it. The words of an error would quote the file.
    const document = parseDocument(text, { version: '1.1', logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined)
      throw this.#error(`${file} is no YAML: line ${error.linePos?.[0].line ?? '?'}`);
    return document.toJS();
  }

  #read<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    throw this.#error(`${what} of ${this.#where} lacks or has a wrong ${wrongKeys(read.error)}`);
  }

  #error(problem: string, hint?: string): CloudError {
    return new CloudError('NP_CLOUD_FATAL', `${this.#section}: ${problem}`, {
      hint: hint ?? 'correct the kubeconfig; KUBECONFIG says where it is, else ~/.kube/config',
    });
  }
}

/** Names alone; zod's own words might quote values. */
function wrongKeys({ issues }: z.ZodError): string {
  const keys = issues.map(({ path }) => path.join('.') || 'object');
  return [...new Set(keys)].join(', ');
}
