/**
 * Google's libraries, each loaded when it is first needed: a process that has no provider of Google
 * loads none. Only the classes that are used: the package's index would load a hundred, in seconds.
 */

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

export const libraries = {
  auth: once(() => import('google-auth-library')),
  gax: once(() => import('google-gax')),
  instances: once(() => import('@google-cloud/compute/build/src/v1/instances_client.js')),
  machineTypes: once(() => import('@google-cloud/compute/build/src/v1/machine_types_client.js')),
  images: once(() => import('@google-cloud/compute/build/src/v1/images_client.js')),
  regions: once(() => import('@google-cloud/compute/build/src/v1/regions_client.js')),
  operations: once(() => import('@google-cloud/compute/build/src/v1/zone_operations_client.js')),
};
