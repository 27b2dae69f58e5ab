/**
 * The picture of `nodepool top`: from what is known, what the user wants to see and the size of the
 * terminal to lines, never more and never wider than there is room for. Pure.
 */
import { cutLine, piece, plainText, type Line } from '../terminal/lines.ts';
import { scrolled } from '../terminal/scroll.ts';
import type { Size } from '../terminal/terminal.ts';
import { harmless } from '../terminal/width.ts';
import { fitHeights } from './fit-heights.ts';
import { rowLines } from './fit-columns.ts';
import type { TopData } from './model.ts';
import { PANES } from './panes/all.ts';
import { sumOf, type Pane } from './panes/pane.ts';
import type { ViewState } from './view-state.ts';

export interface Picture {
  readonly lines: readonly Line[];
  /** Rows of the focused pane that fit. */
  readonly page: number;
  /** The view with every scroll position within its list. */
  readonly view: ViewState;
}

/** With less nothing can be told. */
export const LEAST_SIZE: Size = { columns: 40, rows: 10 };
/** Of a pane that has rows: its title and the headers. */
const HEAD = 2;
const KEYS = 'q quit  tab pane  ↑↓ scroll  / filter  p pause';

export function layout(data: TopData, view: ViewState, { columns, rows }: Size): Picture {
  if (columns < LEAST_SIZE.columns || rows < LEAST_SIZE.rows)
    return { lines: tooSmall({ columns, rows }), page: 1, view };
  const panes = PANES.map((make) => filtered(make(data, columns), view.filter));
  const heads = summary(data, view);
  const room = rows - heads.length - 1;
  const wants = panes.map(({ rows: all }) => (all.length === 0 ? 1 : all.length + HEAD));
  const heights = fitHeights(wants, view.focus, room);
  const from = panes.map((pane, i) =>
    scrolled(view.from[i] ?? 0, 0, pane.rows.length, Math.max(0, (heights[i] ?? 0) - HEAD)),
  );
  const body = panes.flatMap((pane, i) =>
    paneLines(pane, {
      columns,
      height: heights[i] ?? 0,
      from: from[i] ?? 0,
      isFocused: i === view.focus,
    }),
  );
  const gap = Array.from({ length: Math.max(0, room - body.length) }, (): Line => []);
  const lines = [...heads, ...body, ...gap, footer(view)];
  return {
    lines: lines.slice(0, rows).map((line) => cutLine(line, columns)),
    page: Math.max(1, (heights[view.focus] ?? 0) - HEAD),
    view: { ...view, from },
  };
}

/** Everything below each other, for a pipe. */
export function wholePicture(data: TopData, view: ViewState, columns: number): Line[] {
  const panes = PANES.map((make) => filtered(make(data, columns), view.filter));
  const bodies = panes.flatMap((pane) => [
    [],
    ...paneLines(pane, { columns, height: Infinity, from: 0, isFocused: false }),
  ]);
  return [...summary(data, view), ...bodies].map((line) => cutLine(line, columns));
}

interface PaneSize {
  readonly columns: number;
  readonly height: number;
  readonly from: number;
  readonly isFocused: boolean;
}

function paneLines(pane: Pane, { columns, height, from, isFocused }: PaneSize): Line[] {
  if (height <= 0) return [];
  const page = height - HEAD;
  const shown = page > 0 ? pane.rows.slice(from, from + page) : [];
  const isPart = shown.length < pane.rows.length && shown.length > 0;
  const where = isPart ? `  ${from + 1}-${from + shown.length} of ${pane.rows.length}` : '';
  const title: Line = [
    piece(isFocused ? '▶ ' : '  ', 'cyan'),
    piece(pane.title, 'bold'),
    piece(where, 'dim'),
    piece(pane.remark === '' ? '' : `  (${pane.remark})`, 'yellow'),
  ];
  if (shown.length === 0) return [title];
  const { head, body } = rowLines(pane, shown, columns);
  return [title, head, ...body];
}

function filtered(pane: Pane, filter: string): Pane {
  if (filter === '') return pane;
  const wanted = filter.toLowerCase();
  const rows = pane.rows.filter((row) => plainText(row).toLowerCase().includes(wanted));
  return { ...pane, rows };
}

function summary(data: TopData, { isPaused }: ViewState): Line[] {
  const { stored } = data;
  const requests = [...stored.requests].map(([state, count]) => `${count} ${state}`).join(', ');
  const nodes = sumOf([...stored.nodes.values()].flatMap((states) => [...states.values()]));
  const first: Line = [
    piece('nodepool top', 'bold'),
    piece(`  ${new Date(data.now * 1000).toISOString().slice(11, 19)} UTC`),
    piece(isPaused ? '  paused' : '', 'inverse'),
    piece(`  requests: ${requests === '' ? 'none' : harmless(requests)}  nodes: ${nodes}`),
  ];
  return [first, ...notices(data).map((text): Line => [piece(text, 'red')])];
}

function notices({ isCurrent, launchers }: TopData): string[] {
  const found: string[] = [];
  if (!isCurrent) found.push('no connection to ZooKeeper: shown is what was last known');
  if (launchers.length === 0) found.push('no launcher is registered: nothing is served');
  else if (launchers.every(({ answer }) => answer === undefined))
    found.push('no launcher tells what it does (Python’s do not): shown is what ZooKeeper has');
  return found;
}

function footer({ isTyping, filter }: ViewState): Line {
  if (isTyping)
    return [
      piece(`/${filter}`, 'bold'),
      piece('█'),
      piece('  enter keeps it, escape drops it', 'dim'),
    ];
  if (filter !== '')
    return [piece(`filter: ${filter}  `, 'yellow'), piece(`escape drops it  ${KEYS}`, 'dim')];
  return [piece(KEYS, 'dim')];
}

function tooSmall({ columns, rows }: Size): Line[] {
  const texts = [
    `${columns}x${rows} is too small`,
    `nodepool top needs ${LEAST_SIZE.columns}x${LEAST_SIZE.rows}`,
  ];
  return texts.slice(0, rows).map((text) => cutLine([piece(text, 'red')], columns));
}
