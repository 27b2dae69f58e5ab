/**
 * How many columns a text takes on a terminal, and texts that fit into so many. Rather too wide than too
 * narrow where terminals differ, so that nothing ever runs over. Pure.
 */

/** Two columns each: East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, in blocks. */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
/** Asks for the wide form of the character before it. */
const EMOJI_SELECTOR = 0xfe0f;

/** Almost all texts are of this kind: a column a character, and nothing to fear. */
const SIMPLE = /^[\x20-\x7e]*$/;

export function widthOf(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOfOne(character);
  return width;
}

function widthOfOne(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code === EMOJI_SELECTOR) return 1;
  if (/[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u.test(character)) return 0;
  if (/\p{Emoji_Presentation}/u.test(character)) return 2;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** The text, or its beginning with `…` where it is wider. */
export function cutText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += widthOfOne(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Cut, or filled with blanks, to exactly so many columns. */
export function fitText(text: string, width: number): string {
  const cut = cutText(text, width);
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}

/**
 * A text that does nothing but stand there: what comes from records of others could hold commands for the
 * terminal, or turn the direction of writing.
 */
export function harmless(text: string): string {
  if (SIMPLE.test(text)) return text;
  return text
    .replaceAll(/[\n\r\t\u2028\u2029]/g, ' ')
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
