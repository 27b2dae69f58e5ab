/** Taking apart the paths of znodes. All are absolute, without a slash at the end. */

/** `/a/b` of `/a/b/c`; `/` of `/a`. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `c` of `/a/b/c`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childOf(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}
