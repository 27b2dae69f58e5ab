/**
 * The library of Kubernetes, loaded when it is first needed: half a second and 70 MB. Its types describe
 * all bodies; of its code we use what renews the tokens of `auth-provider`s. Calls and watches are ours:
 * its models drop fields that they do not know, and its watches end in no deadline and hide bad lines.
 */

type Library = typeof import('@kubernetes/client-node');

let loaded: Promise<Library> | undefined;

export function loadLibrary(): Promise<Library> {
  return (loaded ??= import('@kubernetes/client-node'));
}
