/** A log from a builder's web server, byte by byte as it comes. */
import { request } from 'undici';

import { messageOf, NodepoolError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { BuildKey } from '../../store/paths.ts';
import { below } from '../../asking/get-text.ts';

/** What of a log is wanted. */
export interface LogWish {
  readonly isFollowing: boolean;
  /** Undefined: all. */
  readonly tailLines: number | undefined;
}

/** Until the answer begins: the builder has to open a file. */
const ANSWER_MS = 10_000;

/**
 * Ends when the log does; where it is followed, when the build has ended.
 *
 * @throws NodepoolError NP_BUILD_LOG where the builder has no such log, or has gone in the middle.
 */
export async function* fetchLog(
  url: string,
  { image, build }: BuildKey,
  { isFollowing, tailLines }: LogWish,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const target = below(url, `build-log/${encodeURIComponent(image)}/${build}`);
  if (isFollowing) target.searchParams.set('follow', '1');
  if (tailLines !== undefined) target.searchParams.set('tail', String(tailLines));
  // A build may say nothing for hours.
  const options = { signal, headersTimeout: ANSWER_MS, bodyTimeout: 0 };
  try {
    const { statusCode, body } = await request(target, options);
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(sayStatus(statusCode));
    }
    for await (const piece of body as AsyncIterable<Uint8Array>) yield piece;
  } catch (cause) {
    throwIfAborted(signal);
    const text = `log of ${image}-${build}: builder at ${url}: ${messageOf(cause)}`;
    throw new NodepoolError('NP_BUILD_LOG', text, { cause });
  }
}

function sayStatus(status: number): string {
  if (status === 404) return 'it has no such log, or not any more';
  if (status === 503) return 'it has as many readers of logs as it takes; try again later';
  return `it answers ${status}`;
}
