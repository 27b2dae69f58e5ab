/**
 * What a listing shows, once as tables and once as JSON, and how both are written. To where no terminal is
 * goes what the original prints, byte for byte; on a terminal tables fit its width and states have
 * colours. Pure.
 */
import { renderTable } from '../../base/table.ts';
import { listingCells, listingJson, type Listing } from '../../web/listings.ts';
import { paintLine, piece, type Line } from '../terminal/lines.ts';
import { harmless } from '../terminal/width.ts';
import { fittedTable, type Lines, type Table } from './fitted-table.ts';

export interface View {
  /** In order: a line of text, or a table. */
  readonly blocks: readonly (string | Table)[];
  /** One line. */
  readonly json: string;
}

export interface Look {
  /** Undefined: as wide as it is. */
  readonly columns: number | undefined;
  readonly hasColour: boolean;
}

/** A single list. `fields`: of the table; the JSON has all. */
export function viewOf(listing: Listing, fields?: readonly string[]): View {
  return { blocks: [listingCells(listing, fields)], json: listingJson(listing) };
}

export function viewText({ blocks }: View): string {
  return blocks
    .map((block) => (typeof block === 'string' ? block : renderTable(block.headers, block.rows)))
    .join('\n');
}

/** All lines, one after the other. */
export function viewLines({ blocks }: View, columns: number | undefined): Lines {
  const parts = blocks.map((block): Lines => {
    if (typeof block !== 'string') return fittedTable(block, columns);
    const line = [piece(harmless(block))];
    return { count: 1, at: () => line };
  });
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    at(index) {
      let before = 0;
      for (const { count, at } of parts) {
        if (index < before + count) return at(index - before);
        before += count;
      }
      return [];
    },
  };
}

/** Those from `from` to before `to`, as far as they are there. */
export function linesBetween({ count, at }: Lines, from: number, to: number): Line[] {
  const first = Math.max(0, from);
  const length = Math.max(0, Math.min(to, count) - first);
  return Array.from({ length }, (_, i) => at(first + i));
}

/** As it is printed; no newline at the end. */
export function shownText(view: View, { columns, hasColour }: Look): string {
  if (columns === undefined && !hasColour) return viewText(view);
  const lines = viewLines(view, columns);
  return linesBetween(lines, 0, lines.count)
    .map((line) => paintLine(line, hasColour))
    .join('\n');
}
