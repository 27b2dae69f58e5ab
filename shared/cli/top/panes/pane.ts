/** One part of the picture: a title, and rows of cells below headers. */
import { piece, type Piece, type Style } from '../../terminal/lines.ts';
import { harmless } from '../../terminal/width.ts';
import type { TopData } from '../model.ts';

export interface Pane {
  readonly title: string;
  /** Said beside the title: what is missing, and why. */
  readonly remark: string;
  readonly headers: readonly string[];
  /** So many columns, from the left, are never cut: ids. Default: none. */
  readonly firm?: number;
  readonly rows: readonly Row[];
}

export type Row = readonly Piece[];

/** Makes a pane of what is known. `columns`: how wide it may be. Pure. */
export type PaneMaker = (data: TopData, columns: number) => Pane;

/** A cell of a text that others wrote. */
export function cell(text: string | number, style?: Style): Piece {
  return piece(harmless(String(text)), style);
}

/** How long a bar may be where there are so many columns for all: one that is cut would lie. */
export function barLength(columns: number): number {
  return columns >= WIDE ? 20 : 8;
}

const WIDE = 100;

/** How much of a limit is used, kept and free: `████▒▒····`. */
export function bar(used: number, reserved: number, limit: number, length: number): string {
  const part = (amount: number): number =>
    limit <= 0 ? length : Math.min(length, Math.round((length * Math.max(0, amount)) / limit));
  const full = part(used);
  const kept = part(used + reserved) - full;
  const free = length - full - Math.max(0, kept);
  return '█'.repeat(full) + '▒'.repeat(Math.max(0, kept)) + '·'.repeat(free);
}

/** The sooner there is nothing left, the warmer. */
export function fillStyle(used: number, limit: number): Style {
  if (used >= limit) return 'red';
  return used >= 0.8 * limit ? 'yellow' : 'green';
}

export function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
