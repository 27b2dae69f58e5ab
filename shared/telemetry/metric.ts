/**
 * What a metric is: one definition says its name in Prometheus, its key in statsd, its labels and what
 * it means. All of them stand in `names/`; whoever counts something names the definition, so the two
 * systems, the page of reference and the exporter's mapping cannot tell different things.
 */

/** Summaries give the exporter's quantiles; they are for timers that the original knows. */
export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'summary';

export interface Metric<L extends string = string, K extends MetricKind = MetricKind> {
  readonly kind: K;
  /** In Prometheus. Counters that the original knows have no `_total`: dashboards use them so. */
  readonly name: string;
  /** One sentence. Values of timers are seconds in Prometheus, milliseconds in statsd. */
  readonly help: string;
  readonly labels: readonly L[];
  /**
   * The key in statsd, where it is sent there: `{label}` stands for a label's value as it is,
   * `{label:part}` for one that may open no level. Undefined: only in Prometheus.
   */
  readonly statsd?: string;
  /** Upper ends, in the unit of the name. Only of histograms. */
  readonly buckets?: readonly number[];
  /** False: only in statsd, because nothing bounds the number of its series. Default: true. */
  readonly isBounded?: boolean;
  /** A gauge whose value comes with an event and stays; others are read when somebody asks. */
  readonly isKept?: boolean;
  /** A counter that is read when somebody asks; others count events. */
  readonly isCollected?: boolean;
}

export type Counter<L extends string = string> = Metric<L, 'counter'>;
export type Gauge<L extends string = string> = Metric<L, 'gauge'>;
export type Timer<L extends string = string> = Metric<L, 'histogram' | 'summary'>;

/** A value for each label. */
export type Labels<L extends string> = Readonly<Record<L, string>>;

/** One value that was read, not counted. */
export interface Sample<K extends 'gauge' | 'counter' = 'gauge' | 'counter'> {
  readonly metric: Metric<string, K>;
  readonly labels: Labels<string>;
  readonly value: number;
}

export function sampleOf<L extends string, K extends 'gauge' | 'counter'>(
  metric: Metric<L, K>,
  labels: Labels<NoInfer<L>>,
  value: number,
): Sample<K> {
  return { metric, labels, value };
}

type Rest<L extends string, K extends MetricKind> = Omit<
  Metric<L, K>,
  'kind' | 'name' | 'help' | 'labels'
>;

function definer<K extends MetricKind>(kind: K) {
  return <const L extends string = never>(
    name: string,
    help: string,
    { labels = [], ...rest }: Rest<L, K> & { readonly labels?: readonly L[] } = {},
  ): Metric<L, K> => ({ kind, name, help, labels, ...rest });
}

export const counter = definer('counter');
export const gauge = definer('gauge');
export const histogram = definer('histogram');
export const summary = definer('summary');

/** The key of one series; undefined: it is not sent to statsd. */
export function statsdKey<L extends string>(
  metric: Metric<L>,
  labels: Labels<NoInfer<L>>,
): string | undefined {
  if (metric.statsd === undefined) return undefined;
  const values: Readonly<Record<string, string | undefined>> = labels;
  let key = '';
  for (const { text, label, isPart } of partsOf(metric.statsd)) {
    const value = values[label] ?? '';
    key += text + (isPart ? metricPart(value) : value);
  }
  return key;
}

/** A place for a label's value in a key. */
export const PLACE = /\{(\w+)(:part)?\}/g;

/** What stands before a place, and the place; the last one may be of no label. */
interface KeyPart {
  readonly text: string;
  readonly label: string;
  readonly isPart: boolean;
}

/** Keys are made for each node that is launched, so each is taken apart only once. */
const known = new Map<string, readonly KeyPart[]>();

function partsOf(statsd: string): readonly KeyPart[] {
  let parts = known.get(statsd);
  if (!parts) {
    const texts = statsd.split(/\{[^}]*\}/);
    const places = [...statsd.matchAll(PLACE)];
    parts = texts.map((text, index) => {
      const [, label = '', part] = places[index] ?? [];
      return { text, label, isPart: part !== undefined };
    });
    known.set(statsd, parts);
  }
  return parts;
}

/** A tenant, limit or requestor as part of a key: these may not open new levels. */
export function metricPart(text: string): string {
  return text.replaceAll(/[.:]/g, '_');
}
