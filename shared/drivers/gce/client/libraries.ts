/**
 * Google's libraries, each loaded when it is first needed: a process that has no provider of Google
 * loads none. Only the classes that are used: the package's index would load a hundred, in seconds.
 *
 * What is used of the classes is said here: their own types have 32 megabytes, which every compilation and
 * every editor would read. Answers are checked where they are read, and the names of fields in tests.
 */

type Options = Readonly<Record<string, unknown>>;

/** What a call is made with, and how. */
type Call<Answer> = (request: object, options: Options) => Promise<Answer>;

/** An answer, not checked yet. */
type Got = readonly [unknown, ...unknown[]];
type Page = readonly [
  items: readonly unknown[],
  next: unknown,
  answer: { readonly nextPageToken?: string | null | undefined },
];

export interface InstancesClient {
  readonly list: Call<Page>;
  readonly get: Call<Got>;
  readonly insert: Call<readonly [{ readonly latestResponse?: unknown }, ...unknown[]]>;
  readonly delete: Call<unknown>;
}

export interface MachineTypesClient {
  readonly get: Call<Got>;
}

export interface ImagesClient {
  readonly getFromFamily: Call<Got>;
}

export interface RegionsClient {
  readonly get: Call<Got>;
}

export interface ZoneOperationsClient {
  readonly list: Call<Page>;
  readonly get: Call<Got>;
}

/** `gax`: what carries the calls. */
type ClientClass<Client> = new (options: Options, gax: object) => Client;

/** By the name of its file. */
function compute<Classes>(file: string): () => Promise<Classes> {
  const path = `@google-cloud/compute/build/src/v1/${file}.js`;
  return once(() => import(path) as Promise<Classes>);
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

export const libraries = {
  auth: once(() => import('google-auth-library')),
  gax: once(() => import('google-gax')),
  instances: compute<{ InstancesClient: ClientClass<InstancesClient> }>('instances_client'),
  machineTypes: compute<{ MachineTypesClient: ClientClass<MachineTypesClient> }>(
    'machine_types_client',
  ),
  images: compute<{ ImagesClient: ClientClass<ImagesClient> }>('images_client'),
  regions: compute<{ RegionsClient: ClientClass<RegionsClient> }>('regions_client'),
  operations: compute<{ ZoneOperationsClient: ClientClass<ZoneOperationsClient> }>(
    'zone_operations_client',
  ),
};
