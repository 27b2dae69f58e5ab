/** A Prometheus of one's own that looks each second, as a process that ends with us. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from '../../../fixtures/processes/daemon.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { eventually } from '../../support/eventually.ts';
import { ensurePrometheus } from './prometheus-package.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** In order of time, one a second; infinite ones and those that are no numbers included. */
  readonly values: readonly number[];
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Prometheus {
  /** What the query gave in the last `seconds`. Rejects where it is wrong. */
  range(query: string, seconds: number): Promise<Series[]>;
  alerts(): Promise<Alert[]>;
  /** By address: why it could not be read the last time; empty: it could. */
  problems(): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data: T;
}

interface Found {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

interface Targets {
  readonly activeTargets: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly lastError: string;
    readonly health: string;
  }[];
}

/** `targets`: `host:port`. `rules`: a file of alert rules. */
export async function startPrometheus(
  targets: readonly string[],
  rules: string,
): Promise<Prometheus> {
  await ensurePrometheus();
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-prometheus-'));
  removeWithUs(folder);
  const configPath = join(folder, 'prometheus.yaml');
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: 'nodepool', static_configs: [{ targets }] }],
  };
  await writeFile(configPath, JSON.stringify(config));
  const [port = 0] = await freePorts(1);
  const daemon = await startDaemon({
    program: 'prometheus',
    args: [
      `--config.file=${configPath}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    workDir: folder,
    logPath: join(folder, 'prometheus.log'),
  });
  const get = async <T>(path: string, parameters: Record<string, string> = {}): Promise<T> => {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${query}`);
    const answer = (await response.json()) as Answer<T>;
    if (answer.status !== 'success') throw new Error(`${path} ${query}: ${answer.error ?? ''}`);
    return answer.data;
  };
  await eventually(() => get('status/buildinfo'), 30_000, 100);
  return {
    range: async (query, seconds) => {
      const end = Date.now() / 1000;
      const times = { start: String(end - seconds), end: String(end), step: '1' };
      const { result } = await get<Found>('query_range', { query, ...times });
      return result.map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value.replace('Inf', 'Infinity'))),
      }));
    },
    alerts: async () => (await get<{ alerts: Alert[] }>('alerts')).alerts,
    problems: async () => {
      const { activeTargets } = await get<Targets>('targets');
      return new Map(
        activeTargets.map(({ labels, lastError, health }) => [
          labels.instance ?? '',
          health === 'unknown' ? 'not read yet' : lastError,
        ]),
      );
    },
    close: async () => {
      await daemon.stop();
      await removeNow(folder);
    },
  };
}
