import assert from 'node:assert/strict';

import { abortReason, onAbort } from '../../../../shared/base/wait.ts';
import { together } from '../../../../shared/drivers/pods/together.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Ends only with its signal. */
const waits = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    onAbort(signal, () => {
      reject(abortReason(signal));
    });
  });

describe('pods: steps together', () => {
  it('run at the same time and give their results in order', async () => {
    const begun: string[] = [];
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const results = await together(
      never(),
      async () => {
        begun.push('first');
        await gate;
        return 1;
      },
      () => {
        begun.push('second');
        go();
        return Promise.resolve('two');
      },
    );
    assert.deepEqual(begun, ['first', 'second']);
    assert.deepEqual(results, [1, 'two']);
  });

  it('end with the first failure, once the others have ended, too', async () => {
    const failure = new Error('first');
    let hasEnded = false;
    const running = together(
      never(),
      async (signal) => {
        try {
          await waits(signal);
        } finally {
          await new Promise((resolve) => setImmediate(resolve));
          hasEnded = true;
        }
      },
      () => Promise.reject(failure),
    );
    await assert.rejects(running, failure);
    assert.ok(hasEnded);
  });

  it('end with the outer signal’s reason', async () => {
    const controller = new AbortController();
    const running = together(controller.signal, waits, waits);
    controller.abort(new Error('the launcher stops'));
    await assert.rejects(running, { message: 'aborted' });
  });
});
