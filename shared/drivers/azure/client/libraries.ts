/**
 * Microsoft's libraries, each loaded when it is first needed: a process that has no provider of Azure
 * loads none. All together they cost a second or two and 60 MB, that of networks the most.
 */

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

export const libraries = {
  compute: once(() => import('@azure/arm-compute')),
  network: once(() => import('@azure/arm-network')),
  identity: once(() => import('@azure/identity')),
  storage: once(() => import('@azure/storage-blob')),
  http: once(() => import('@azure/core-rest-pipeline')),
};
