/** The cells of a pane in columns that together fit the width. Pure. */
import { cutLine, piece, type Line, type Piece } from '../terminal/lines.ts';
import { fitText, widthOf } from '../terminal/width.ts';
import type { Pane, Row } from './panes/pane.ts';

/** Blanks between columns. */
const GAP = 2;
/** A column that is cut keeps so much. */
const LEAST = 8;

/** The headers and the rows `shown`; all rows make the widths, so that scrolling moves no column. */
export function rowLines(
  { headers, rows, firm = 0 }: Pane,
  shown: readonly Row[],
  columns: number,
): { head: Line; body: Line[] } {
  const natural = headers.map((header, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[i]?.text ?? '')), widthOf(header)),
  );
  const widths = fit(natural, firm, columns);
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
function fit(natural: readonly number[], firm: number, columns: number): number[] {
  const widths = [...natural];
  const taken = widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + GAP), -GAP);
  for (let over = taken - columns; over > 0; over--) {
    const widest = Math.max(...widths.slice(firm));
    if (widest <= LEAST) break;
    widths[widths.indexOf(widest, firm)] = widest - 1;
  }
  return widths;
}
