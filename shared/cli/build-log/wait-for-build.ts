/** Asks for a build and shows it to its end: what `image-build --wait` does. */
import type { Config } from '../../../schemas/config/model.ts';
import { NodepoolError } from '../../base/errors.ts';
import { joinSignals } from '../../base/wait.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Context } from '../command.ts';
import { BuildWait, type WaitEnd } from './build-wait.ts';
import { LiveLog } from './live-log.ts';

export interface WaitOptions {
  readonly client: ZooKeeper;
  readonly config: Config;
  readonly context: Context;
  readonly image: string;
  /** Undefined: for ever. */
  readonly timeoutSeconds: number | undefined;
}

/** The last words of a log may come after the build's end is known. */
const LAST_WORDS_MS = 5000;

/** Answers the exit code. @throws NodepoolError NP_ABORTED when time is up. */
export async function waitForBuild(options: WaitOptions): Promise<number> {
  const { context, timeoutSeconds, image } = options;
  const deadline = new AbortController();
  const cancel =
    timeoutSeconds === undefined
      ? (): void => undefined
      : context.clock.after(timeoutSeconds * 1000, () => {
          const text = `image ${image} was not built within ${timeoutSeconds} s; its builders go on`;
          deadline.abort(new NodepoolError('NP_ABORTED', text));
        });
  const joined = joinSignals([context.signal, deadline.signal]);
  try {
    return await waitAndShow({ ...options, context: { ...context, signal: joined.signal } });
  } finally {
    cancel();
    joined.dispose();
  }
}

async function waitAndShow({ client, config, context, image }: WaitOptions): Promise<number> {
  const { log, signal, warn, clock } = context;
  const over = new AbortController();
  const joined = joinSignals([signal, over.signal]);
  const live = new LiveLog();
  let showing: Promise<void> | undefined;
  const wait = new BuildWait({
    ...{ client, image, clock, log, signal, warn },
    onBegun: (build, builder) => {
      warn(`nodepool: build ${image}-${build} begins on ${builder ?? 'an unknown builder'}`);
      const own = { ...context, signal: joined.signal };
      showing = live.show({ image, build }, { config, client, context: own, builder });
    },
  });
  const giveUp = (): void => {
    over.abort(new NodepoolError('NP_ABORTED', 'the build has ended'));
  };
  let cancel = (): void => undefined;
  try {
    const end = await wait.run();
    cancel = clock.after(LAST_WORDS_MS, giveUp);
    await showing;
    warn(`nodepool: ${sayEnd(image, end, live.failure)}`);
    return end.kind === 'ready' ? 0 : 1;
  } finally {
    cancel();
    giveUp();
    await showing;
    joined.dispose();
  }
}

function sayEnd(image: string, { kind, build }: WaitEnd, failure: string | undefined): string {
  const name = `build ${image}-${build}`;
  if (kind === 'ready') return `${name} is ready`;
  if (kind === 'failed')
    return `${name} failed${failure === undefined ? '; its log tells why' : `: ${failure}`}`;
  return `${name} was given up: its builder is gone; another build is made for the request`;
}
