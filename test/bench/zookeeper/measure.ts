/** The measured work, the same for every client of Node. `kazoo-bench.py` does it in Python. */
import type { Figures } from '../zookeeper.ts';

/** What a client has to offer. */
export interface Subject {
  create(path: string, data: Buffer): Promise<unknown>;
  set(path: string, data: Buffer): Promise<unknown>;
  get(path: string): Promise<unknown>;
  remove(path: string): Promise<unknown>;
  /** Calls back for every change below the path; undefined where the client cannot. */
  watchTree: ((path: string, onEvent: () => void) => Promise<void>) | undefined;
}

/** Calls under way at once; the size of a record; single round trips; watched changes. */
const WINDOW = 1_000;
const DATA = Buffer.alloc(500, 0x61);
const ROUND_TRIPS = 2_000;
const EVENTS = 10_000;

export async function measureSubject(
  subject: Subject,
  root: string,
  operations: number,
): Promise<Figures> {
  await subject.create(root, DATA);
  const path = (i: number): string => `${root}/n${i}`;
  const pipelined = async (work: (i: number) => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await inWindows(operations, work);
    return operations / ((performance.now() - start) / 1_000);
  };
  const cpuStart = process.cpuUsage();
  const createPerSecond = await pipelined((i) => subject.create(path(i), DATA));
  const setPerSecond = await pipelined((i) => subject.set(path(i), DATA));
  const getPerSecond = await pipelined((i) => subject.get(path(i)));
  const cpu = process.cpuUsage(cpuStart);
  const trips = await roundTrips(subject, path(0));
  const figures: Figures = {
    create_per_second: createPerSecond,
    set_per_second: setPerSecond,
    get_per_second: getPerSecond,
    round_trip_p50_ms: trips[Math.floor(trips.length * 0.5)] ?? NaN,
    round_trip_p99_ms: trips[Math.floor(trips.length * 0.99)] ?? NaN,
    events_per_second: await watched(subject, root),
    cpu_seconds_per_100k: ((cpu.user + cpu.system) / 1e6 / (3 * operations)) * 100_000,
  };
  await inWindows(operations, (i) => subject.remove(path(i)));
  await subject.remove(root);
  return figures;
}

async function inWindows(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += WINDOW) {
    const size = Math.min(WINDOW, count - at);
    await Promise.all(Array.from({ length: size }, (_, i) => work(at + i)));
  }
}

async function roundTrips(subject: Subject, path: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const start = performance.now();
    await subject.get(path);
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b);
}

async function watched(subject: Subject, root: string): Promise<number | null> {
  if (!subject.watchTree) return null;
  let heard = 0;
  let onAll = (): void => undefined;
  const all = new Promise<void>((resolve) => (onAll = resolve));
  await subject.watchTree(root, () => {
    if (++heard === EVENTS) onAll();
  });
  const start = performance.now();
  await inWindows(EVENTS, () => subject.set(`${root}/n0`, DATA));
  await all;
  return EVENTS / ((performance.now() - start) / 1_000);
}
