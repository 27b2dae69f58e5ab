/**
 * "Did you mean": the known word nearest to a misspelt one.
 */

/** The edit distance of two words, swaps of neighbours counted once; stops caring above `limit`. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + change,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1);
      current.push(best);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}

/** Words longer than this are no misspelling of an option. */
const MAX_LENGTH = 50;

/** The nearest of the known words, or none if all are too far away to be meant. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const form = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const limit = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const one of known) {
    const far = distance(form(word), form(one), limit);
    if (far < bestDistance) [best, bestDistance] = [one, far];
  }
  return best;
}
