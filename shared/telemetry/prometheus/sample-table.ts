/** Samples in order of their metrics, one for each set of labels: a second one would make all invalid. */
import type { Metric, Sample } from '../metric.ts';
import type { Family } from './exposition.ts';

export class SampleTable {
  readonly #byMetric = new Map<Metric, Map<string, Sample>>();

  /** The last one of the same labels counts. */
  set(sample: Sample): void {
    const { metric } = sample;
    const labels: Record<string, string> = {};
    let key = '';
    for (const label of metric.labels) {
      // Half a character cannot be sent, and two halves would become the same.
      const value = (sample.labels[label] ?? '').toWellFormed();
      labels[label] = value;
      key += `${value}\0`;
    }
    let samples = this.#byMetric.get(metric);
    if (!samples) this.#byMetric.set(metric, (samples = new Map<string, Sample>()));
    samples.set(key, { metric, labels, value: sample.value });
  }

  *samples(): Generator<Sample> {
    for (const samples of this.#byMetric.values()) yield* samples.values();
  }

  *families(): Generator<Family> {
    for (const [{ name, help, kind: type }, samples] of this.#byMetric) {
      const series = [...samples.values()].map(({ labels, value }) => ({
        ...{ suffix: '', labels, value },
      }));
      yield { name, help, type, series };
    }
  }
}
