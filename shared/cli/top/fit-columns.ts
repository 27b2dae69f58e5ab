/** The cells of a pane in columns that together fit the width. Pure. */
import { cutLine, piece, type Line, type Piece } from '../terminal/lines.ts';
import { fitText, widthOf } from '../terminal/width.ts';
import type { Row } from './panes/pane.ts';

/** Blanks between columns. */
const GAP = 2;
/** A column that is cut keeps so much. */
const LEAST = 8;

/** `shown`: the rows to write; `all`: those that the columns are made for, so that scrolling moves none. */
export function rowLines(
  {
    headers,
    all,
    shown,
  }: { headers: readonly string[]; all: readonly Row[]; shown: readonly Row[] },
  columns: number,
): { head: Line; body: Line[] } {
  const widths = fit(
    headers.map((header, i) =>
      all.reduce((most, row) => Math.max(most, widthOf(row[i]?.text ?? '')), widthOf(header)),
    ),
    columns,
  );
  const line = (cells: Row): Line => {
    const pieces = widths.flatMap((width, i): Piece[] => {
      const { text, style } = cells[i] ?? piece('');
      return width === 0 ? [] : [piece(fitText(text, width), style), piece(' '.repeat(GAP))];
    });
    return cutLine(pieces.slice(0, -1), columns);
  };
  return { head: line(headers.map((header) => piece(header, 'dim'))), body: shown.map(line) };
}

/** The widest give first. */
function fit(natural: readonly number[], columns: number): number[] {
  const widths = [...natural];
  const taken = (): number =>
    widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + GAP), -GAP);
  for (let over = taken() - columns; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
