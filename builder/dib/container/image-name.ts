/**
 * Names of container images: `[registry/]path[:tag][@digest]`. Pure.
 *
 * Facts: distribution/reference; Docker's client.
 */

/** What Docker's own registry is called where signing in is concerned. */
const HUB = 'https://index.docker.io/v1/';

/** As Docker's client files it. */
export function registryOf(image: string): string {
  const [first = ''] = image.split('/');
  const isHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return !isHost || first === 'docker.io' || first === 'index.docker.io' ? HUB : first;
}

/** With the tag that is meant where there is none: a name alone would stand for all tags. */
export function withTag(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return /[:@]/.test(last) ? image : `${image}:latest`;
}
