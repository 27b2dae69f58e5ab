/**
 * What somebody who waits for a build that he has asked for is to be told. Pure.
 *
 * A build counts that was not there when it was asked for. One that was running then may have begun
 * without what is to be built, and builders begin another for the request when it has ended. But if it
 * had been asked for, too, its end takes that request away, and with it ours: we ask again.
 */
import type { BuildRecord } from '../../../schemas/records/image.ts';

export interface WaitView {
  /** Ids of the builds that were there before. */
  readonly before: ReadonlySet<string>;
  /** The build that counts, once it has begun. */
  readonly own: string | undefined;
  readonly builds: readonly { readonly build: string; readonly record: BuildRecord }[];
  readonly isRequested: boolean;
  readonly isPaused: boolean;
  /** Nobody holds the lock under which the build that counts was seen to be made. */
  readonly isUnheld: boolean;
  /** Whether any builder is registered. */
  readonly hasBuilders: boolean;
}

export type WaitVerdict =
  | { readonly kind: 'waiting'; readonly text: string }
  | { readonly kind: 'ask-again' }
  | { readonly kind: 'building'; readonly build: string; readonly builder: string | undefined }
  | { readonly kind: 'ready' | 'failed' | 'lost'; readonly build: string };

export function judgeWait(view: WaitView): WaitVerdict {
  const { before, builds } = view;
  const build = view.own ?? builds.find((one) => !before.has(one.build))?.build;
  if (build === undefined) return judgeRequest(view);
  const record = builds.find((one) => one.build === build)?.record;
  switch (record?.state) {
    case 'building':
      return view.isUnheld
        ? { kind: 'lost', build }
        : { kind: 'building', build, builder: record.builder };
    case 'ready':
    case 'failed':
      return { kind: record.state, build };
    // Deleted before it was ready: whoever built it is no more.
    case 'deleting':
    case undefined:
      return { kind: 'lost', build };
  }
}

function judgeRequest({ builds, isRequested, isPaused, hasBuilders }: WaitView): WaitVerdict {
  const running = builds.find(({ record }) => record.state === 'building');
  if (!isRequested) return { kind: 'ask-again' };
  if (isPaused) return waiting('it is paused: nothing is built before nodepool image-unpause');
  if (running !== undefined) {
    const by = running.record.builder ?? 'a builder';
    return waiting(`${by} builds it now (${running.build}); the build asked for comes after`);
  }
  return waiting(hasBuilders ? 'for a builder to begin' : 'no builder is registered');
}

function waiting(text: string): WaitVerdict {
  return { kind: 'waiting', text };
}
