import assert from 'node:assert/strict';

import { ManualClock, settle } from '../../../fixtures/clock.ts';
import { CloudError, hasCode, type ErrorLabel } from '../../../shared/base/errors.ts';
import { silentLogger as log } from '../../../shared/base/log.ts';
import { Creations, type CreationSteps, type Launch } from '../../../shared/cloud/creations.ts';
import { settleByTurning } from '../drivers/settle-by-turning.ts';

const never = (): AbortSignal => new AbortController().signal;
const isAborted = (error: unknown): boolean => hasCode(error, 'NP_ABORTED');

function failure(...labels: ErrorLabel[]): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', 'failed', { labels });
}

/** A cloud that knows a token again, as EC2 does; answers can be held and fail. */
function subject(steps: Partial<CreationSteps<Launch, string>> = {}) {
  const clock = new ManualClock();
  const machines = new Map<string, string>();
  const failures: CloudError[] = [];
  const tokens: string[] = [];
  const unmade: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  const creations = new Creations<Launch, string>({
    ...{ clock, log, atOnce: 2, random: () => 0.5 },
    steps: {
      make: async (request, token) => {
        tokens.push(token);
        await gate;
        const known = machines.get(token) ?? `${request}-${machines.size}`;
        const lost = failures.shift();
        if (lost === undefined || lost.labels.includes('ambiguous')) machines.set(token, known);
        if (lost !== undefined) throw lost;
        return known;
      },
      unmake: (id) => Promise.resolve(unmade.push(id)),
      ...steps,
    },
  });
  const hold = (): (() => void) => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    return open;
  };
  const create = (attempt = 1, signal = never()): Promise<string> =>
    creations.create({ nodeId: '0000000001', attempt }, 'vm', signal);
  return { clock, creations, create, failures, hold, machines, tokens, unmade };
}

describe('Creations in a cloud that takes a token', () => {
  it('ask with the same token until there is an answer, and make one machine', async () => {
    const { clock, create, failures, machines, tokens } = subject();
    failures.push(failure('retryable', 'ambiguous'), failure('retryable'));
    assert.equal(await settleByTurning(clock, create()), 'vm-0');
    assert.equal(machines.size, 1);
    assert.equal(tokens.length, 3);
    assert.equal(new Set(tokens).size, 1);
    assert.match(tokens[0] ?? '', /^[0-9a-f]{32}$/);
  });

  it('remember the answer, by attempt, until the node is gone', async () => {
    const { create, creations, tokens } = subject();
    assert.equal(await create(), 'vm-0');
    assert.equal(await create(), 'vm-0');
    assert.equal(await create(2), 'vm-1');
    assert.equal(tokens.length, 2);
    creations.forget('0000000001');
    assert.equal(await create(), 'vm-2');
    assert.equal(new Set(tokens).size, 3);
  });

  it('keep the token for a launch that is called again after it gave up', async () => {
    const { clock, create, failures, machines, tokens } = subject();
    failures.push(...Array.from({ length: 3 }, () => failure('retryable', 'ambiguous')));
    await assert.rejects(settleByTurning(clock, create()));
    assert.equal(await create(), 'vm-0');
    assert.equal(machines.size, 1);
    assert.equal(new Set(tokens).size, 1);
  });

  it('pass on a refusal that a repetition would not change', async () => {
    const { create, failures, tokens } = subject();
    failures.push(new CloudError('NP_CLOUD_FATAL', 'no such image'));
    await assert.rejects(create(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(tokens.length, 1);
  });

  it('unmake what is made for a launch that was broken off', async () => {
    const { create, hold, unmade } = subject();
    const open = hold();
    const controller = new AbortController();
    const creating = create(1, controller.signal);
    await settle();
    controller.abort(new Error('broken off'));
    await assert.rejects(creating, isAborted);
    assert.deepEqual(unmade, []);
    open();
    await settle();
    assert.deepEqual(unmade, ['vm-0']);
  });

  it('unmake it also where the answer was lost before', async () => {
    const { clock, create, failures, unmade } = subject();
    failures.push(failure('retryable', 'ambiguous'), failure('retryable'));
    const controller = new AbortController();
    const creating = create(1, controller.signal);
    await settle();
    controller.abort(new Error('broken off'));
    await assert.rejects(creating, isAborted);
    await clock.advance(60_000);
    assert.deepEqual(unmade, ['vm-0']);
  });

  it('make nothing for one that was broken off before its turn', async () => {
    const { create, creations, hold, tokens } = subject();
    const open = hold();
    const first = [create(1), create(2)];
    const controller = new AbortController();
    const third = creations.create({ nodeId: '0000000002', attempt: 1 }, 'vm', controller.signal);
    await settle();
    controller.abort(new Error('broken off'));
    await assert.rejects(third, isAborted);
    open();
    await Promise.all(first);
    await settle();
    assert.equal(tokens.length, 2);
  });

  it('end with the provider', async () => {
    const { create, creations, hold, unmade } = subject({
      make: (_, __, signal) =>
        new Promise((___, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('ended'));
          });
        }),
    });
    hold();
    const creating = create();
    await settle();
    creations.close();
    await assert.rejects(creating, isAborted);
    assert.deepEqual(unmade, []);
  });
});

describe('Creations in a cloud that takes none', () => {
  it('look only where an answer was lost, and past machines of earlier attempts', async () => {
    const looks: ReadonlySet<string | undefined>[] = [];
    const { clock, create, failures, tokens } = subject({
      find: (_, earlier) => {
        looks.push(new Set(earlier));
        return Promise.resolve(looks.length === 1 ? undefined : 'found');
      },
    });
    assert.equal(await create(), 'vm-0');
    assert.equal(looks.length, 0);
    failures.push(failure('retryable', 'ambiguous'), failure('retryable', 'ambiguous'));
    assert.equal(await settleByTurning(clock, create(2)), 'found');
    assert.equal(tokens.length, 3);
    assert.ok(looks.every((earlier) => earlier.has('vm-0')));
  });
});
