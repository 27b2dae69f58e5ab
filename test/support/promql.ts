/** As much of PromQL as it takes to see which series a query asks for. */

export interface Selector {
  readonly metric: string;
  /** Between the braces. */
  readonly text: string;
  /** Names of the labels that it chooses by. */
  readonly labels: readonly string[];
}

const SELECTOR = /\b(?<metric>(?:nodepool|nodejs|process)_\w+|up)\b(?<braces>\{[^}]*\})?/g;

export function selectorsOf(expr: string): Selector[] {
  // Labels of groupings may look like metrics.
  const bare = expr.replaceAll(/\b(?:by|on|without|ignoring) \([^)]*\)/g, '');
  return [...bare.matchAll(SELECTOR)].map(({ groups }) => {
    const text = groups?.braces?.slice(1, -1) ?? '';
    const labels = [...text.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(
      ([, label = '']) => label,
    );
    return { metric: groups?.metric ?? '', text, labels };
  });
}

/** Labels that the query groups or joins by. */
export function groupingsOf(expr: string): string[] {
  const lists = [...expr.matchAll(/\b(?:by|on|without|ignoring) \(([^)]*)\)/g)];
  return lists.flatMap(([, list = '']) => list.split(/,\s*/).filter((label) => label !== ''));
}
