/**
 * A table in the shape of shared/base/table.ts that takes no more columns than there are: the widest
 * columns give first, those with ids never, since an id that is cut is of no use. Pure.
 */
import { cutLine, piece, type Line, type Piece } from '../terminal/lines.ts';
import { stateStyle } from '../terminal/states.ts';
import { fitText, harmless, widthOf } from '../terminal/width.ts';

export interface Table {
  /** Names of the columns for programs: `state`. */
  readonly keys: readonly string[];
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Less tells nothing; with this the list of nodes still fits 80 columns. */
const LEAST = 3;
const WHOLE: ReadonlySet<string> = new Set(['id', 'upload_id', 'state', 'age']);
/** Of a cell: a border and a blank on each side. */
const FRAME = 3;

/** Borders and headers above the rows. */
export const HEAD_LINES = 3;

/** Lines that are made when they are asked for: of long tables only few are seen. */
export interface Lines {
  readonly count: number;
  readonly at: (index: number) => Line;
}

/** `columns`: undefined: as many as it takes. */
export function fittedTable({ keys, headers, rows }: Table, columns: number | undefined): Lines {
  const natural = headers.map((header, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf(harmless(row[i] ?? ''))), widthOf(header)),
  );
  const widths = columns === undefined ? natural : fitWidths(natural, keys, columns);
  const border = [piece(`+${widths.map((width) => `${'-'.repeat(width + 2)}+`).join('')}`)];
  const header = rowLine(headers, widths, () => 'bold');
  const line = (index: number): Line => {
    const row = rows[index - HEAD_LINES];
    if (row === undefined) return index === 1 ? header : border;
    const cells = headers.map((_, i) => harmless(row[i] ?? ''));
    return rowLine(cells, widths, (i) =>
      keys[i] === 'state' ? stateStyle(cells[i] ?? '') : 'plain',
    );
  };
  const at = (index: number): Line =>
    columns === undefined ? line(index) : cutLine(line(index), columns);
  return { count: HEAD_LINES + rows.length + 1, at };
}

/** Widths that together fit, as far as they may become smaller. */
export function fitWidths(
  natural: readonly number[],
  keys: readonly string[],
  columns: number,
): number[] {
  const widths = [...natural];
  const least = widths.map((width, i) =>
    WHOLE.has(keys[i] ?? '') ? width : Math.min(width, LEAST),
  );
  let over = widths.reduce((sum, width) => sum + width + FRAME, 1) - columns;
  while (over > 0) {
    let widest = -1;
    for (const [i, width] of widths.entries())
      if (width > (least[i] ?? 0) && width > (widths[widest] ?? 0)) widest = i;
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

function rowLine(
  row: readonly string[],
  widths: readonly number[],
  styleOf: (i: number) => Piece['style'],
): Line {
  return [
    piece('|'),
    ...widths.flatMap((width, i) => [
      piece(' '),
      piece(fitText(row[i] ?? '', width), styleOf(i)),
      piece(' |'),
    ]),
  ];
}
