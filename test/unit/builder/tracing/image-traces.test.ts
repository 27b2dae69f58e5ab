import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { BuildJob, BuildResult } from '../../../../builder/build/build-image.ts';
import { buildTrace, imageTraces, uploadTrace } from '../../../../builder/tracing/image-traces.ts';
import type { TraceData } from '../../../../shared/telemetry/tracing/trace.ts';

const build = '8d2f5a6e4b1c4d7e9f00112233445566';
const key = { image: 'debian', build };
const job = { image: { name: 'debian' }, formats: ['qcow2'] };
const times = { start: 1000, end: 1600 };

describe('traces of images', () => {
  it('have the id of the build, whose uploads are below it', () => {
    const built = buildTrace(job, { kind: 'ready', key }, times);
    assert.ok(built);
    assert.equal(built.traceId, build);
    assert.deepEqual(built.root.attributes, {
      ...{ image: 'debian', build, formats: ['qcow2'], result: 'ready' },
    });
    assert.deepEqual([built.root.start, built.root.end], [1000, 1600]);
    const result = { kind: 'ready', externalId: 'ami-1' } as const;
    const uploaded = uploadTrace({ key, provider: { name: 'cloud' } }, result, times);
    assert.ok(uploaded);
    assert.equal(uploaded.traceId, build);
    assert.equal(uploaded.root.id, built.root.id);
    assert.equal(uploaded.root.end, undefined);
    const [upload] = uploaded.root.children ?? [];
    assert.equal(upload?.attributes.external_id, 'ami-1');
    assert.equal(upload.problem, undefined);
  });

  it('tell why something failed', () => {
    const error = new Error('no space left');
    const built = buildTrace(job, { kind: 'failed', error }, times);
    assert.equal(built?.root.problem, 'no space left');
    assert.match(built.traceId, /^[0-9a-f]{32}$/);
    const python = { image: 'debian', build: '0000000007' };
    const failed = { kind: 'failed', error } as const;
    const uploaded = uploadTrace({ key: python, provider: { name: 'cloud' } }, failed, times);
    assert.equal(uploaded?.root.children?.[0]?.problem, 'no space left');
    assert.match(uploaded.traceId, /^[0-9a-f]{32}$/);
  });

  it('are none of what another builder did', () => {
    assert.equal(buildTrace(job, { kind: 'not-needed' }, times), undefined);
    const upload = { key, provider: { name: 'cloud' } };
    assert.equal(uploadTrace(upload, { kind: 'not-needed' }, times), undefined);
  });

  it('look on: work goes its way, also where it is broken off', async () => {
    const clock = new ManualClock(1_000_000);
    const seen: TraceData[] = [];
    const tracing = {
      record: (trace: TraceData) => seen.push(trace),
      close: () => Promise.resolve(),
    };
    const traces = imageTraces(tracing, clock);
    let end: (result: BuildResult) => void = () => undefined;
    const work = new Promise<BuildResult>((resolve) => {
      end = resolve;
    });
    const watched = traces.build(job as unknown as BuildJob, work);
    await clock.advance(5000);
    end({ kind: 'ready', key });
    assert.deepEqual(await watched, { kind: 'ready', key });
    assert.deepEqual([seen[0]?.root.start, seen[0]?.root.end], [1000, 1005]);
    const broken = Promise.reject(new Error('stopped'));
    await assert.rejects(traces.build(job as unknown as BuildJob, broken), /stopped/);
    assert.equal(seen.length, 1);
    const untraced = imageTraces(undefined, clock);
    const none = Promise.resolve({ kind: 'not-needed' } as const);
    assert.equal((await untraced.build(job as unknown as BuildJob, none)).kind, 'not-needed');
  });
});
