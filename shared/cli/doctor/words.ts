/** Words that several findings use. */
import { sayIds } from '../explain/words.ts';

const MOST_NAMED = 5;
const DAY = 86_400;

/** The first few of many: `a, b and 3 more`. */
export function sayFew(names: readonly string[]): string {
  return sayIds(names.slice(0, MOST_NAMED), names.length);
}

/** `2026-11-29`. */
export function sayDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Whole days, rounded down. */
export function daysOf(seconds: number): number {
  return Math.floor(seconds / DAY);
}
