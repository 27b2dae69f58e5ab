/**
 * The template of a call to a Kubernetes apiserver, so that calls can be counted and chosen by kind:
 * `/api/v1/namespaces/np-7/pods/a?watch=true` becomes `/namespaces/NAME/pods/NAME watch`.
 */

/** `/api/v1` or `/apis/GROUP/VERSION`. */
const VERSION = /^\/(api\/v1|apis\/[^/]+\/[^/]+)(?=\/)/;
/** All that tells apart what is asked of the same collection. */
const WATCHES = /[?&]watch=(1|true)(&|$)/;

/** `url` as it stands in the request line. */
export function kubeRouteOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  if (!VERSION.test(path)) return 'discovery';
  const parts = path.replace(VERSION, '').split('/').slice(1);
  // Kinds and names in turn.
  const route = parts.map((part, at) => (at % 2 === 0 ? part : 'NAME')).join('/');
  return `/${route}${WATCHES.test(url) ? ' watch' : ''}`;
}
