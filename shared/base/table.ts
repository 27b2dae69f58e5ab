/**
 * Tables as PrettyTable 0.7 draws them (the original pins it), because scripts parse them:
 * left-aligned, one blank on each side, no row lines, an empty table is its header.
 */

/** Cells are finished texts and may have several lines. No newline at the end. */
export function renderTable(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [headers, ...rows].map((row) => headers.map((_, i) => (row[i] ?? '').split('\n')));
  const widths = headers.map((_, i) =>
    cells.reduce((max, row) => Math.max(max, ...(row[i] ?? []).map(widthOf)), 0),
  );
  const border = `${widths.length === 0 ? '+' : ''}+${widths.map((width) => `${'-'.repeat(width + 2)}+`).join('')}`;
  const [header = '', ...body] = cells.map((row) => renderRow(row, widths));
  return [border, headers.length === 0 ? '||' : header, border, ...body, border].join('\n');
}

function renderRow(row: readonly string[][], widths: readonly number[]): string {
  const height = row.reduce((max, lines) => Math.max(max, lines.length), 0);
  const lines: string[] = [];
  for (let y = 0; y < height; y++) {
    let line = '|';
    for (const [i, cell] of row.entries()) {
      const text = cell[y] ?? '';
      line += ` ${text}${' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)))} |`;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** Columns that a text takes, by PrettyTable's own rule; it knows no emoji. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f) return 1;
  if (code === 0x08 || code === 0x7f) return -1;
  if (code === 0 || code === 0x0e || code === 0x0f) return 0;
  if (WIDE.some(([from, to]) => code >= from && code <= to)) return 2;
  return /\p{Mn}/u.test(character) ? 0 : 1;
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fff],
  [0xac00, 0xd7af],
  [0x3040, 0x30ff],
  [0xff01, 0xff60],
  [0x3000, 0x303e],
];

/** A value as a cell: lists joined by commas, nothing for null, objects in Python's notation. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : pythonText(item))).join(',');
  return pythonText(value);
}

/** What Python's `repr()` gives for plain data. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return pythonNumber(value);
  if (typeof value === 'string') return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonString(key)}: ${pythonText(item)}`)
      .join(', ')}}`;
  return '';
}

function pythonNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    // Not printable: control characters.
    .replaceAll(/[\p{Cc}]/gu, (character) => ESCAPES[character] ?? hexEscape(character));
  return `${quote}${body}${quote}`;
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** `DD:HH:MM:SS`, days unbounded. */
export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
