import assert from 'node:assert/strict';

import { ManualClock, settle } from '../../../fixtures/clock.ts';
import { NodepoolError, hasCode } from '../../../shared/base/errors.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { Tokens } from '../../../shared/cloud/tokens.ts';

interface Token {
  readonly id: string;
  readonly lifeMs: number;
}

const never = (): AbortSignal => new AbortController().signal;

/** The cloud's answers one by one; without any a token that lives an hour. */
function subject(answers: (number | Error)[] = []) {
  const clock = new ManualClock();
  const issues: { finish: () => void; signal: AbortSignal }[] = [];
  const tokens = new Tokens({
    clock,
    log: silentLogger,
    issue: (signal) =>
      new Promise<Token>((resolve, reject) => {
        const id = `token-${issues.length + 1}`;
        const answer = answers.shift() ?? 3600;
        const finish = (): void => {
          if (answer instanceof Error) reject(answer);
          else resolve({ id, lifeMs: answer * 1000 });
        };
        issues.push({ finish, signal });
      }),
  });
  /** The token that a caller gets, once the cloud has answered what it was asked. */
  const current = async (): Promise<Token> => {
    const promise = tokens.current(never());
    await settle();
    issues.at(-1)?.finish();
    return promise;
  };
  return { clock, tokens, issues, current };
}

describe('the token of a provider', () => {
  it('is had once for all who wait, and kept', async () => {
    const { tokens, issues } = subject();
    const all = Promise.all([1, 2, 3].map(() => tokens.current(never())));
    await settle();
    issues[0]?.finish();
    assert.deepEqual(
      (await all).map(({ id }) => id),
      ['token-1', 'token-1', 'token-1'],
    );
    assert.equal((await tokens.current(never())).id, 'token-1');
    assert.equal(issues.length, 1);
  });

  it('is renewed two minutes before its end', async () => {
    const { clock, current } = subject();
    await current();
    await clock.advance(3_479_999);
    assert.equal((await current()).id, 'token-1');
    await clock.advance(1);
    assert.equal((await current()).id, 'token-2');
  });

  it('is renewed in the last tenth of a short life', async () => {
    const { clock, current } = subject([100]);
    await current();
    await clock.advance(89_999);
    assert.equal((await current()).id, 'token-1');
    await clock.advance(1);
    assert.equal((await current()).id, 'token-2');
  });

  it('lives from when it was asked for', async () => {
    const { clock, tokens, issues, current } = subject([100]);
    const first = tokens.current(never());
    await clock.advance(30_000);
    issues[0]?.finish();
    await first;
    await clock.advance(60_000);
    assert.equal((await current()).id, 'token-2');
  });

  it('may live for ever', async () => {
    const { clock, current } = subject([Infinity]);
    await current();
    await clock.advance(10 ** 10);
    assert.equal((await current()).id, 'token-1');
  });

  it('is forgotten when it is refused, but only if it is still this one', async () => {
    const { tokens, current } = subject();
    const first = await current();
    tokens.forget(first);
    assert.equal((await current()).id, 'token-2');
    tokens.forget(first);
    assert.equal((await current()).id, 'token-2');
  });

  it('is used to its end while the cloud gives no other', async () => {
    const away = new NodepoolError('NP_CLOUD_TRANSIENT', 'away');
    const { clock, issues, current } = subject([100, away, away]);
    await current();
    await clock.advance(90_000);
    assert.equal((await current()).id, 'token-1');
    assert.equal((await current()).id, 'token-1');
    assert.equal(issues.length, 2, 'the cloud gets a pause');
    await clock.advance(10_000);
    await assert.rejects(current(), away);
    assert.equal((await current()).id, 'token-4');
  });

  it('is not had when nobody waits for it any more', async () => {
    const { tokens, issues } = subject();
    const controller = new AbortController();
    const ending = assert.rejects(tokens.current(controller.signal), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    controller.abort();
    await ending;
    assert.equal(issues[0]?.signal.aborted, true);
  });
});
