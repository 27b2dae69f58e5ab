/**
 * Metrics as Prometheus reads them: its own text format (0.0.4) and OpenMetrics (1.0.0).
 *
 * Both have the same names. OpenMetrics wants `_total` at the end of each counter, which the original's
 * names do not have; those are of the type `unknown` there, which changes no name and no query.
 */
import { eachInTurns } from '../../base/turns.ts';

export interface Series {
  /** What stands behind the family's name: nothing, `_bucket`, `_sum` or `_count`. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** All series of one name; each set of labels only once. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly series: Iterable<Series>;
}

export type ExpositionFormat = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Families without series are left out. Written in turns, so that thousands of series hold nobody up. */
export async function exposition(
  families: Iterable<Family>,
  format: ExpositionFormat,
): Promise<string> {
  let text = '';
  await eachInTurns(linesOf(families, format), (line) => {
    text += line;
  });
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function* linesOf(families: Iterable<Family>, format: ExpositionFormat): Generator<string> {
  for (const family of families) yield* familyLines(family, format);
}

function* familyLines(
  { name, help, type, series }: Family,
  format: ExpositionFormat,
): Generator<string> {
  const isOpen = format === 'openmetrics';
  const isTotal = type === 'counter' && name.endsWith(TOTAL);
  const familyName = isOpen && isTotal ? name.slice(0, -TOTAL.length) : name;
  const familyType = isOpen && type === 'counter' && !isTotal ? 'unknown' : type;
  const words = isOpen ? escapeLabel(help) : escapeHelp(help);
  let head = `# HELP ${familyName} ${words}\n# TYPE ${familyName} ${familyType}\n`;
  for (const { suffix, labels, value } of series) {
    yield `${head}${name}${suffix}${labelsText(labels, isOpen)} ${numberText(value)}\n`;
    head = '';
  }
}

const TOTAL = '_total';

function labelsText(labels: Series['labels'], isOpen: boolean): string {
  let text = '';
  for (const key in labels) {
    const value = labels[key] ?? '';
    const word = typeof value === 'number' ? boundText(value, isOpen) : labelText(value);
    text += `${text === '' ? '{' : ','}${key}="${word}"`;
  }
  return text === '' ? '' : `${text}}`;
}

/** Ends of buckets and quantiles: OpenMetrics writes them as floats in any case. */
function boundText(value: number, isOpen: boolean): string {
  return isOpen && Number.isInteger(value) ? `${value}.0` : numberText(value);
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** Half a character cannot be sent. */
function labelText(text: string): string {
  return escapeLabel(text.toWellFormed());
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

const NEEDS_ESCAPE = /["\\\n]/;
