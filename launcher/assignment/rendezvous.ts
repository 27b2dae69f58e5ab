/**
 * One of many, the same for everybody who asks: the pool with the highest hash for a key. When a pool
 * comes or goes only the keys that it wins or won move. Pure.
 */
export function preferred(key: string, ids: Iterable<string>): string | undefined {
  let best: string | undefined;
  let weight = -1;
  for (const id of ids) {
    const own = hash(`${key}\0${id}`);
    if (own > weight || (own === weight && best !== undefined && id < best)) {
      best = id;
      weight = own;
    }
  }
  return best;
}

/** FNV-1a, 32 bit: spread matters, secrecy does not. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
