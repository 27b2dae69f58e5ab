/**
 * Lines of a terminal as data: pieces of text, each in one style. Only here they become escape sequences
 * (ECMA-48, SGR). Pure.
 */
import { cutText, widthOf } from './width.ts';

const CODES = {
  plain: '',
  bold: '1',
  dim: '2',
  inverse: '7',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
} as const;
export type Style = keyof typeof CODES;

export interface Piece {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Piece[];

export function piece(text: string, style: Style = 'plain'): Piece {
  return { text, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** The line, or its beginning with `…` where it is wider. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Piece[] = [];
  let left = width;
  for (const { text, style } of line) {
    const cut = widthOf(text) < left ? text : cutText(`${text} `, left);
    if (cut !== '') kept.push({ text: cut, style });
    left -= widthOf(cut);
    if (left <= 0 || cut !== text) break;
  }
  return kept;
}

export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** With escape sequences where `hasColour`. */
export function paintLine(line: Line, hasColour: boolean): string {
  if (!hasColour) return plainText(line);
  return line
    .map(({ text, style }) =>
      style === 'plain' || text === '' ? text : `\x1b[${CODES[style]}m${text}\x1b[0m`,
    )
    .join('');
}
