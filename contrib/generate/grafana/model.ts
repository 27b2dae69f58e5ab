/** What a dashboard consists of, and the queries that many of its panels have in common. */

/** Grafana's names of units. */
export type Unit =
  'short' | 's' | 'bytes' | 'Bps' | 'percent' | 'percentunit' | 'reqps' | 'dateTimeFromNow';

export interface Query {
  /** PromQL, with the variables of the dashboard. */
  readonly expr: string;
  /** Labels in two braces each. */
  readonly legend: string;
}

export interface Panel {
  readonly kind: 'lines' | 'stack' | 'number';
  readonly title: string;
  /** What to see in it, and what to do then. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** All that is chosen by the variables of the dashboard. */
export const OF_JOB = 'job=~"$job"';
export const OF_INSTANCE = `${OF_JOB},instance=~"$instance"`;
export const OF_PROVIDER = `${OF_JOB},provider=~"$provider"`;

/** Events a second, of counters. */
export function rate(metric: string, by: string, selector: string): string {
  return `sum by (${by}) (rate(${metric}{${selector}}[$__rate_interval]))`;
}

/** p50, p95 and p99 of a histogram over all its series. */
export function quantiles(metric: string, selector: string): Query[] {
  return [0.5, 0.95, 0.99].map((q) => ({
    expr: quantile(metric, q, { selector }),
    legend: `p${q * 100}`,
  }));
}

/** One quantile of a histogram; `by`: a line for each value of these labels. */
export function quantile(
  metric: string,
  q: number,
  { selector, by = '' }: { readonly selector: string; readonly by?: string },
): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${q}, ${rate(`${metric}_bucket`, labels, selector)})`;
}

/** A panel of lines; a third of the row's width. */
export function lines(
  title: string,
  unit: Unit,
  description: string,
  ...queries: readonly Query[]
): Panel {
  return { kind: 'lines', title, unit, description, queries, width: 8 };
}

/** Lines that add up to a whole. */
export function stack(...[title, unit, description, ...queries]: Parameters<typeof lines>): Panel {
  return { ...lines(title, unit, description, ...queries), kind: 'stack' };
}

/** The value of now. */
export function number(title: string, unit: Unit, description: string, expr: string): Panel {
  return { kind: 'number', title, unit, description, queries: [{ expr, legend: title }], width: 3 };
}
