/** Scrolling by keys. Pure. */

/** Further than any list is long. */
const FAR = 1e9;

/** By how many lines a key moves, negative: up; undefined: it is none that moves. */
export function scrollKeys(key: string, page: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    'page-up': -page,
    'page-down': page,
    ' ': page,
    home: -FAR,
    g: -FAR,
    end: FAR,
    G: FAR,
  };
  return steps[key];
}

/** The first line to show, of `count`, so that a page is full as long as there is enough. */
export function scrolled(from: number, by: number, count: number, page: number): number {
  return Math.max(0, Math.min(from + by, count - page));
}
