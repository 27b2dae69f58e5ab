/**
 * The same life of images with our builder and with Python's: the records of builds and uploads are the
 * same in each state, field by field, and so are the tables that Python's commands make of them.
 */
import assert from 'node:assert/strict';
import { builderProgram } from '../../../fixtures/builder/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { parseBuildPath, parseUploadPath } from '../../../shared/store/paths.ts';
import { eventually } from '../../support/eventually.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { BuildersSite, PROVIDERS, type BuilderKind } from './site.ts';

const PATIENCE_MS = 90_000;
const POLL_MS = 100;
const [IMAGE, BROKEN] = ['debian', 'broken'] as const;
const COMMANDS = ['dib-image-list', 'image-list'];

/** By `build` or `upload` and the state, the records that were seen, in JSON. */
type Sight = ReadonlyMap<string, ReadonlySet<string>>;

interface Seen {
  readonly records: Sight;
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

describe('what our builder writes, beside what Python’s writes', function () {
  this.timeout(300_000);
  let zookeeper: RunningZooKeeper;
  let ours: Seen;
  let python: Seen;

  before(async function () {
    const peers = await peersOrSkip(this, { needsLauncher: true });
    assert.ok(builderProgram());
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
    python = await look('python', peers, zookeeper);
    ours = await look('ours', peers, zookeeper);
  });
  after(async () => {
    // Nothing was started where the whole was skipped.
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  for (const state of ['building', 'ready', 'failed', 'deleting'])
    it(`is the same in the records of builds that are ${state}`, () => {
      check(`build ${state}`);
    });

  for (const state of ['uploading', 'ready', 'failed', 'deleting'])
    it(`is the same in the records of uploads that are ${state}`, () => {
      check(`upload ${state}`);
    });

  for (const command of COMMANDS)
    it(`is the same in the table of nodepool ${command}`, () => {
      assert.ok((python.tables[command] ?? []).length > 0);
      assert.deepEqual(ours.tables[command], python.tables[command]);
    });

  function check(what: string): void {
    const [one, other] = [ours, python].map(({ records }) => [...(records.get(what) ?? [])]);
    assert.ok(other && other.length > 0, 'it has not been seen');
    assert.deepEqual(one?.toSorted(), other.toSorted());
  }
});

/** Through all states, with one builder. */
async function look(kind: BuilderKind, peers: Peers, zookeeper: RunningZooKeeper): Promise<Seen> {
  const diskimage = { 'python-path': '/usr/bin/python3', username: 'core' };
  const images = [IMAGE, BROKEN];
  const site = await BuildersSite.open({ peers, zookeeper, images, diskimage });
  const records = watch(site);
  const tables: Record<string, string[]> = {};
  await site.play(async () => {
    await site.behave('sleep 0.5; [ "$DIB_IMAGE_NAME" != broken ] || exit 3');
    const { cloud } = site.cloud;
    cloud.arm({ call: 'POST images', mode: 'fail', status: 400, times: Infinity });
    await site.start(kind, 'one');
    await until(() => {
      for (const state of ['build failed', 'upload failed']) assert.ok(records.has(state), state);
    });
    cloud.disarm();
    await untilUploaded(site, 1);
    for (const command of COMMANDS) tables[command] = await table(site, command);
    cloud.arm({ call: 'DELETE images/*', mode: 'fail', status: 409, times: Infinity });
    for (const count of [2, 3]) {
      await site.touch(`${IMAGE}/request-build`);
      await untilUploaded(site, count);
    }
    await until(() => {
      for (const state of ['build deleting', 'upload deleting'])
        assert.ok(records.has(state), state);
    });
  });
  return { records, tables };
}

/** Notes each record as it stands in ZooKeeper, without what differs from run to run. */
function watch(site: BuildersSite): Map<string, Set<string>> {
  const records = new Map<string, Set<string>>();
  site.store.tree.onChange((change) => {
    if (change.kind === 'removed' || !change.data?.length) return;
    const kind = parseBuildPath(change.path) ? 'build' : parseUploadPath(change.path) && 'upload';
    if (kind === undefined) return;
    const record = JSON.parse(change.data.toString()) as Record<string, unknown>;
    // What has failed is gone before everybody has seen that it goes.
    if (record.state === 'deleting' && !(record.external_id ?? record.formats)) return;
    const key = `${kind} ${String(record.state)}`;
    const seen = records.get(key) ?? new Set();
    records.set(key, seen.add(JSON.stringify(neutral(record))));
  });
  return records;
}

const VARYING: ReadonlySet<string> = new Set(['state_time', 'builder_id', 'external_id']);

function neutral(record: Readonly<Record<string, unknown>>): unknown {
  const entries = Object.entries(record).map(([key, value]) => {
    const isKept = value === null || !VARYING.has(key);
    const text = typeof value === 'string' ? value.replaceAll(/\d{10}|first|second/g, '#') : value;
    return [key, isKept ? text : typeof value];
  });
  return Object.fromEntries(entries);
}

function until(condition: () => unknown): Promise<void> {
  return eventually(condition, PATIENCE_MS, POLL_MS);
}

/** So many builds that are uploaded to all. */
function untilUploaded(site: BuildersSite, count: number): Promise<void> {
  return until(() => {
    const ready = site.book
      .uploads()
      .filter(({ image, versions }) => image === IMAGE && versions.some((one) => one.external_id));
    assert.ok(ready.length >= count * PROVIDERS.length);
  });
}

/** Rows of the image that is there, without ids and ages, which are no longer the same. */
async function table(site: BuildersSite, command: string): Promise<string[]> {
  const rows = await site.pythonTable(command);
  return rows
    .filter((row) => row.includes(IMAGE))
    .map((row) => row.map((cell) => cell.replaceAll(/[0-9a-f-]{10,}|\d\d:\d\d:\d\d:\d\d/g, '#')))
    .map(String)
    .toSorted();
}
