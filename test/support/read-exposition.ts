/**
 * A strict reader of Prometheus's text format and of OpenMetrics, as far as we write them: whatever a
 * lenient parser would forgive is an error here.
 */
import assert from 'node:assert/strict';

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

export type ReadFamilies = ReadonlyMap<string, ReadFamily>;

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;

/** Families by name. */
export function readExposition(text: string, format: 'text' | 'openmetrics'): ReadFamilies {
  const families = new Map<string, ReadFamily & { readonly samples: ReadSample[] }>();
  const lines = text.split('\n');
  assert.equal(lines.pop(), '', 'ends with a line feed');
  if (format === 'openmetrics') assert.equal(lines.pop(), '# EOF');
  const series = new Set<string>();
  let current = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    if (help) {
      const [, name = '', words = ''] = help;
      const type = new RegExp(`^# TYPE ${name} (\\w+)$`).exec(lines[++at] ?? '')?.[1];
      assert.ok(type !== undefined && type in SUFFIXES, `type after help: ${line}`);
      assert.ok(!families.has(name), `told in two places: ${name}`);
      families.set(name, { type, help: words, samples: [] });
      current = name;
      continue;
    }
    const sample = readSample(line);
    const family = families.get(current);
    assert.ok(family, line);
    const isPlain = format === 'text' && family.type === 'counter';
    const suffixes = isPlain ? [''] : (SUFFIXES[family.type] ?? []);
    assert.ok(
      suffixes.some((suffix) => sample.name === current + suffix),
      `${line} in ${current}`,
    );
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
    assert.ok(!series.has(key), `twice: ${line}`);
    series.add(key);
    family.samples.push(sample);
  }
  for (const [name, { type, samples }] of families) {
    assert.ok(samples.length > 0, `nothing of ${name}`);
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return families;
}

function readSample(line: string): ReadSample {
  const [, name, labelsText = '', valueText = ''] = SAMPLE.exec(line) ?? [];
  assert.ok(name !== undefined, `no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < labelsText.length) {
    const [, label, value = ''] = LABEL.exec(labelsText) ?? [];
    assert.ok(label !== undefined && !(label in labels), `labels: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
  }
  const value = valueText.endsWith('Inf') ? Number(`${valueText}inity`) : Number(valueText);
  assert.ok(valueText === 'NaN' || !Number.isNaN(value), `value: ${line}`);
  return { name, labels, value };
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const buckets = new Map<string, number[]>();
  const keyOf = (labels: ReadSample['labels']): string =>
    JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le'));
  for (const { name: sample, labels, value } of samples) {
    const key = keyOf(labels);
    const list = buckets.get(key) ?? [];
    buckets.set(key, list);
    if (sample === `${name}_bucket`) {
      assert.ok(value >= (list.at(-1) ?? 0), `buckets of ${name} add up`);
      list.push(value);
    }
    if (sample === `${name}_count`) assert.equal(value, list.at(-1), `all of ${name} are counted`);
  }
}

/** Of the first sample with this name and these labels, and maybe more. */
export function valueIn(
  families: ReadFamilies,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  for (const { samples } of families.values()) {
    for (const sample of samples) {
      const isIt = Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
      if (sample.name === name && isIt) return sample.value;
    }
  }
  return undefined;
}
