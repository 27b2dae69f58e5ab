/** What of a log is asked for: `?offset=BYTES`, `?tail=LINES`, `?follow=1`. Pure. */
import type { ReadLogOptions } from '../../shared/build-logs/read-log.ts';

export interface LogQuestion {
  readonly from: ReadLogOptions['from'];
  readonly isFollowing: boolean;
}

/** Answers what is wrong as a text. */
export function readLogQuestion(query: URLSearchParams): LogQuestion | string {
  const [offset, tail, follow] = ['offset', 'tail', 'follow'].map((name) => query.get(name));
  if (offset && tail) return 'offset and tail exclude each other';
  if (offset && !isWhole(offset)) return 'offset must be a whole number of bytes';
  if (tail && !isWhole(tail)) return 'tail must be a whole number of lines';
  if (follow && !/^[01]$/.test(follow)) return 'follow must be 0 or 1';
  return {
    from: tail ? { tailLines: Number(tail) } : { offset: Number(offset) },
    isFollowing: follow === '1',
  };
}

function isWhole(text: string): boolean {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text));
}
