/**
 * What a listing shows, once as tables and once as JSON, and how both are written. To where no terminal is
 * goes what the original prints, byte for byte; on a terminal tables fit its width and states have
 * colours. Pure.
 */
import { renderTable } from '../../base/table.ts';
import { listingCells, listingJson, type Listing } from '../../web/listings.ts';
import { paintLine, piece, type Line } from '../terminal/lines.ts';
import { harmless } from '../terminal/width.ts';
import { fittedTable, type Table } from './fitted-table.ts';

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

export function viewLines({ blocks }: View, columns: number | undefined): Line[] {
  return blocks.flatMap((block) =>
    typeof block === 'string' ? [[piece(harmless(block))]] : fittedTable(block, columns),
  );
}

/** As it is printed; no newline at the end. */
export function shownText(view: View, { columns, hasColour }: Look): string {
  if (columns === undefined && !hasColour) return viewText(view);
  return viewLines(view, columns)
    .map((line) => paintLine(line, hasColour))
    .join('\n');
}
