/**
 * Which elements diskimage-builder uses for an image, as far as their folders are here. Pure.
 *
 * What it has itself is not here: elements that only those pull in are unknown until a build tells
 * (build-words.ts).
 *
 * Facts: diskimage_builder/element_dependencies.py; `base` is added by lib/common-functions.
 */

/** What an element says of itself. */
export interface ElementFacts {
  /** Of `element-deps`. */
  readonly needs: readonly string[];
  /** Of `element-provides`: names for which no other element is wanted any more. */
  readonly provides: readonly string[];
}

/** Elements that are used without being named. */
const ALWAYS = ['base'];

/** Names of the elements that are here and used, sorted: those named, and what they pull in. */
export function usedElements(
  named: readonly string[],
  here: ReadonlyMap<string, ElementFacts>,
): string[] {
  const queue = [...ALWAYS, ...named];
  const used = new Set(queue);
  const provided = new Set<string>();
  for (const name of queue) {
    if (provided.has(name)) continue;
    const facts = here.get(name);
    if (facts === undefined) continue;
    for (const one of facts.provides) provided.add(one);
    for (const one of facts.needs) {
      if (used.has(one)) continue;
      used.add(one);
      queue.push(one);
    }
  }
  return [...used].filter((name) => here.has(name) && !provided.has(name)).toSorted();
}
