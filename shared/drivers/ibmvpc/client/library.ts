/** IBM's library, loaded when it is first needed: a process without a provider of IBM's never does. */
let loaded: Promise<typeof import('ibm-cloud-sdk-core')> | undefined;

export function library(): Promise<typeof import('ibm-cloud-sdk-core')> {
  return (loaded ??= import('ibm-cloud-sdk-core'));
}
