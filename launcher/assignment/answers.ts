/**
 * What own pools said last to each request, as data, for those who ask why it waits.
 *
 * Kept as long as the request's znode is there. Bounded: a few pools for each request, and none for
 * a pool that merely lacks the labels, which anybody can see for himself.
 */
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { Pool } from '../pools/pool.ts';
import type { Decision } from './decide.ts';
import type { DeclineCode, DeferCode, Reason } from './reasons.ts';

/** A pool's decision about a request. */
export interface PoolDecision {
  readonly pool: Pool;
  readonly decision: Decision;
}

export interface Answer {
  readonly pool: Pool;
  readonly kind: 'defer' | 'decline';
  readonly reasons: readonly Reason[];
  /** Since when the pool gives these reasons, in milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Entry {
  /** Shared by requests that are alike: the very same decisions need no second look. */
  readonly decisions: readonly PoolDecision[] | undefined;
  /** Codes of all answers: whether something has changed. */
  readonly words: string;
  readonly answers: readonly Answer[];
}

/** More pools than this that have the labels of one request are rare; the others are left out. */
const MOST_ANSWERS = 32;

/** Texts that are kept once for all requests with the same answers. */
const MOST_WORDS = 1000;

/** What says no more than that the pool is not the one for these labels. */
const UNTOLD: ReadonlySet<DeclineCode | DeferCode> = new Set([
  'label-missing',
  'other-pool-has-label',
]);

export class Answers {
  readonly #entries = new Map<string, Entry>();
  readonly #words = new Map<string, string>();
  readonly #now: () => number;

  /** `now` in milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes down what all own pools online say. False: the same as before. */
  note(request: StoredRequest, decisions: readonly PoolDecision[]): boolean {
    const before = this.#entries.get(request.id);
    if (before?.decisions === decisions) return false;
    const words = wordsOf(decisions);
    if (before?.words === words) return false;
    const answers: Answer[] = [];
    for (const { pool, decision } of decisions) {
      const known = before?.answers.find((answer) => answer.pool === pool);
      const answer = this.#answerOf(pool, decision, known);
      if (answer && answers.length < MOST_ANSWERS) answers.push(answer);
    }
    this.#entries.set(request.id, { decisions, words: this.#once(words), answers });
    return true;
  }

  /** A pool that was serving the request gave up for good. */
  declined(request: string, pool: Pool, reasons: readonly Reason<DeclineCode>[]): void {
    const before = this.#entries.get(request);
    const others = before?.answers.filter((answer) => answer.pool !== pool) ?? [];
    const answer = { pool, kind: 'decline', reasons, sinceMs: this.#now() } as const;
    this.#entries.set(request, {
      decisions: undefined,
      words: before?.words ?? '',
      answers: [answer, ...others].slice(0, MOST_ANSWERS),
    });
  }

  of(request: string): readonly Answer[] {
    return this.#entries.get(request)?.answers ?? [];
  }

  forget(request: string): void {
    this.#entries.delete(request);
  }

  /** Requests wait in their thousands for the same reasons: the same text is kept once. */
  #once(words: string): string {
    const known = this.#words.get(words);
    if (known !== undefined) return known;
    if (this.#words.size >= MOST_WORDS) this.#words.clear();
    this.#words.set(words, words);
    return words;
  }

  #answerOf(pool: Pool, decision: Decision, known: Answer | undefined): Answer | undefined {
    // A pool that has declined is not asked again: what it said then counts.
    if (decision.kind === 'ignore') return known?.kind === 'decline' ? known : undefined;
    if (decision.kind === 'accept') return undefined;
    const { kind } = decision;
    const reasons: readonly Reason[] = decision.reasons;
    if (reasons.every(({ code }) => UNTOLD.has(code))) return undefined;
    const isSame = known?.kind === kind && codesOf(known.reasons) === codesOf(reasons);
    return { pool, kind, reasons, sinceMs: isSame ? known.sinceMs : this.#now() };
  }
}

/** The codes of the reasons, for comparing. */
export function codesOf(reasons: readonly Reason[]): string {
  return reasons.map(({ code }) => code).join('+');
}

/** Requests that are alike share their decisions. */
const knownWords = new WeakMap<readonly PoolDecision[], string>();

function wordsOf(decisions: readonly PoolDecision[]): string {
  let words = knownWords.get(decisions);
  if (words === undefined) knownWords.set(decisions, (words = sayWords(decisions)));
  return words;
}

function sayWords(decisions: readonly PoolDecision[]): string {
  let words = '';
  for (const { pool, decision } of decisions) {
    if (decision.kind === 'ignore') continue;
    const reasons = 'reasons' in decision ? codesOf(decision.reasons) : '';
    words += `${pool.key}: ${decision.kind} ${reasons}, `;
  }
  return words;
}
