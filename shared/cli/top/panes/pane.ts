/** One part of the picture: a title, and rows of cells below headers. */
import { piece, type Piece, type Style } from '../../terminal/lines.ts';
import { harmless } from '../../terminal/width.ts';
import type { TopData } from '../model.ts';

export interface Pane {
  readonly title: string;
  /** Said beside the title: what is missing, and why. */
  readonly remark: string;
  readonly headers: readonly string[];
  readonly rows: readonly Row[];
}

export type Row = readonly Piece[];

/** Makes a pane of what is known. Pure. */
export type PaneMaker = (data: TopData) => Pane;

/** A cell of a text that others wrote. */
export function cell(text: string | number, style?: Style): Piece {
  return piece(harmless(String(text)), style);
}

const BAR = 20;

/** How much of a limit is used, kept and free: `████▒▒····`. */
export function bar(used: number, reserved: number, limit: number): string {
  const part = (amount: number): number =>
    limit <= 0 ? BAR : Math.min(BAR, Math.round((BAR * Math.max(0, amount)) / limit));
  const full = part(used);
  const kept = part(used + reserved) - full;
  return (
    '█'.repeat(full) + '▒'.repeat(Math.max(0, kept)) + '·'.repeat(BAR - full - Math.max(0, kept))
  );
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
