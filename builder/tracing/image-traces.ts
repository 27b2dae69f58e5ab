/**
 * Traces of builds and uploads, where somebody wants them: a build is a trace whose id is the build's
 * own, and its uploads, whoever does them when, are spans below it.
 */
import { createHash } from 'node:crypto';

import type { Clock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import type { SpanData, TraceData, Tracing } from '../../shared/telemetry/tracing/trace.ts';
import type { BuildJob, BuildResult } from '../build/build-image.ts';
import type { UploadJob, UploadResult } from '../upload/upload-image.ts';

/** When some work was begun and ended, in Unix seconds. */
export interface Times {
  readonly start: number;
  readonly end: number;
}

export interface ImageTraces {
  /** Looks on; the answer is the work's own. */
  build(job: BuildJob, work: Promise<BuildResult>): Promise<BuildResult>;
  upload(job: UploadJob, work: Promise<UploadResult>): Promise<UploadResult>;
}

export function imageTraces(tracing: Tracing | undefined, clock: Clock): ImageTraces {
  const watch = async <R>(
    work: Promise<R>,
    traceOf: (result: R, times: Times) => TraceData | undefined,
  ): Promise<R> => {
    if (!tracing) return work;
    const start = clock.now() / 1000;
    const result = await work;
    const trace = traceOf(result, { start, end: clock.now() / 1000 });
    if (trace) tracing.record(trace);
    return result;
  };
  return {
    build: (job, work) => watch(work, (result, times) => buildTrace(job, result, times)),
    upload: (job, work) => watch(work, (result, times) => uploadTrace(job, result, times)),
  };
}

/** Undefined: nothing was done. */
export function buildTrace(
  { image, formats }: Pick<BuildJob, 'formats'> & { readonly image: { readonly name: string } },
  result: BuildResult,
  times: Times,
): TraceData | undefined {
  if (result.kind === 'not-needed') return undefined;
  const build = result.kind === 'ready' ? result.key.build : undefined;
  const attributes = { image: image.name, build, formats, result: result.kind };
  const problem = problemOf(result);
  const traceId = traceIdOf(build ?? `${image.name} ${times.start}`);
  const id = build === undefined ? {} : { id: rootId(build) };
  return {
    traceId,
    parent: undefined,
    root: { ...times, ...id, name: 'ImageBuild', attributes, problem },
  };
}

/** Undefined: nothing was done. */
export function uploadTrace(
  { key, provider }: Pick<UploadJob, 'key'> & { readonly provider: { readonly name: string } },
  result: UploadResult,
  times: Times,
): TraceData | undefined {
  if (result.kind === 'not-needed') return undefined;
  const externalId = result.kind === 'ready' ? result.externalId : undefined;
  const upload: SpanData = {
    ...times,
    name: 'ImageUpload',
    attributes: {
      ...{ image: key.image, build: key.build, provider: provider.name },
      ...{ external_id: externalId, result: result.kind },
    },
    problem: problemOf(result),
  };
  // The build was told of when it ended.
  const root = {
    ...{ name: 'ImageBuild', id: rootId(key.build), start: times.start, end: undefined },
    ...{ attributes: {}, children: [upload] },
  };
  return { traceId: traceIdOf(key.build), parent: undefined, root };
}

function problemOf(result: BuildResult | UploadResult): string | undefined {
  return result.kind === 'failed' ? messageOf(result.error) : undefined;
}

/** Ours are 32 hexadecimal digits already, Python's a number with zeros before it. */
function traceIdOf(build: string): string {
  return /^(?!0+$)[0-9a-f]{32}$/.test(build) ? build : digest(build, 32);
}

function rootId(build: string): string {
  return digest(`build ${build}`, 16);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
