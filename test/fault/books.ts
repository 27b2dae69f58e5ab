/**
 * The users' own books: who has which node since when, and how each request ended. What cannot be
 * true is noted as a violation. Knows nothing of ZooKeeper or the launcher.
 */
export interface Tally {
  asked: number;
  fulfilled: number;
  failed: number;
  cancelled: number;
  /** Nodes that were in use and given back. */
  used: number;
  /** Nodes whose user died with them. */
  abandoned: number;
  /** Nodes that were held. */
  held: number;
  /** Looks at held nodes, each of which found all well. */
  holdLooks: number;
  slowestMs: number;
}

export class Books {
  readonly tally: Tally = {
    asked: 0,
    fulfilled: 0,
    failed: 0,
    cancelled: 0,
    used: 0,
    abandoned: 0,
    held: 0,
    holdLooks: 0,
    slowestMs: 0,
  };
  readonly violations: string[] = [];
  /** Which request has each node now. */
  readonly #owners = new Map<string, string>();
  /** Nodes that somebody has worked on: they are nobody's again. */
  readonly #spent = new Set<string>();
  /** Requests that are not answered yet. */
  readonly #open = new Set<string>();

  violation(text: string): void {
    this.violations.push(text);
  }

  asked(request: string): void {
    this.tally.asked++;
    this.#open.add(request);
  }

  closed(request: string): void {
    this.#open.delete(request);
  }

  get open(): readonly string[] {
    return [...this.#open];
  }

  /** The request was told that the nodes are its own. */
  handedOut(request: string, nodes: readonly string[]): void {
    for (const node of nodes) {
      const owner = this.#owners.get(node);
      if (owner !== undefined && owner !== request)
        this.violation(`node ${node} was handed to ${request} while ${owner} has it`);
      if (this.#spent.has(node))
        this.violation(`node ${node} was used before it went to ${request}`);
      this.#owners.set(node, request);
    }
  }

  /** The request has them no more; `isSpent` if it has worked on them. */
  givenBack(nodes: readonly string[], isSpent: boolean): void {
    for (const node of nodes) {
      this.#owners.delete(node);
      if (isSpent) this.#spent.add(node);
    }
  }
}
