import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Context } from '../../../../shared/cli/command.ts';
import { Ground } from '../../../../shared/cli/doctor/ground.ts';
import { Skipped, type Finding } from '../../../../shared/cli/doctor/model.ts';
import { diagnose, type Check } from '../../../../shared/cli/doctor/run.ts';
import { diagnosisText } from '../../../../shared/cli/doctor/text.ts';

function ground(clock = new ManualClock(), signal = new AbortController().signal): Ground {
  const context: Context = {
    ...{ configPath: 'none.yaml', securePath: undefined, environment: {}, hostname: 'host' },
    ...{ clock, log: silentLogger, signal },
    print: () => undefined,
    write: () => Promise.resolve(),
    warn: () => undefined,
    ask: () => Promise.resolve(undefined),
  };
  return new Ground(context, { hasClouds: false, provider: undefined });
}

function finding(fields: Partial<Finding> = {}): Finding {
  return {
    ...{ severity: 'warning', code: 'code', object: 'thing', seen: 'is odd', remedy: 'mend it' },
    ...fields,
  };
}

const finds = (name: string, ...findings: Finding[]): Check => ({
  name,
  run: () => Promise.resolve(findings),
});
const breaks: Check = { name: 'broken', run: () => Promise.reject(new Error('it fell')) };
const skips: Check = { name: 'skipped', run: () => Promise.reject(new Skipped('not wanted')) };

describe('a diagnosis', () => {
  it('is not kept from anything by a check that breaks or is skipped', async () => {
    const found = await diagnose([breaks, skips, finds('good', finding())], ground());
    assert.deepEqual(
      found.checks.map(({ check, status, reason }) => [check, status, reason]),
      [
        ['broken', 'broken', null],
        ['skipped', 'skipped', 'not wanted'],
        ['good', 'done', null],
      ],
    );
    assert.deepEqual([found.problems, found.warnings], [1, 1]);
    assert.match(found.checks[0]?.findings[0]?.seen ?? '', /could not be made: it fell/);
  });

  it('ends also where a check does not', async () => {
    const clock = new ManualClock();
    const hangs: Check = {
      name: 'hanging',
      deadlineMs: 5000,
      run: () => new Promise(() => undefined),
    };
    const running = diagnose([hangs, finds('good')], ground(clock));
    await clock.advance(5000);
    const { checks } = await running;
    assert.deepEqual(
      checks.map(({ status }) => status),
      ['broken', 'done'],
    );
    assert.match(checks[0]?.findings[0]?.seen ?? '', /no end within 5 s/);
  });

  it('ends when the user interrupts', async () => {
    const interrupted = new AbortController();
    const hangs: Check = { name: 'hanging', run: () => new Promise(() => undefined) };
    const running = diagnose([hangs], ground(undefined, interrupted.signal));
    interrupted.abort(new Error('interrupted'));
    await assert.rejects(running);
  });

  it('says that all is well', async () => {
    const text = diagnosisText(await diagnose([finds('one'), finds('two'), skips], ground()));
    assert.equal(text, 'all is well (2 checks)\n\nnot looked at: skipped (not wanted)');
  });

  it('names a provider once', async () => {
    const one = finds('provider a', finding({ object: 'label x in provider a' }));
    const text = diagnosisText(await diagnose([one], ground()));
    assert.match(text, /^warning {2}label x in provider a: is odd$/m);
  });

  it('counts problems and warnings', async () => {
    const head = async (...findings: Finding[]): Promise<string | undefined> =>
      diagnosisText(await diagnose([finds('one', ...findings)], ground())).split('\n')[0];
    const problem = finding({ severity: 'problem' });
    assert.equal(await head(finding()), '1 warning (1 check)');
    assert.equal(await head(problem, problem, finding()), '2 problems, 1 warning (1 check)');
    assert.equal(await head(finding({ severity: 'note' })), 'all is well (1 check)');
  });

  it('tells the worst first, each with its remedy', async () => {
    const notes = finds('one', finding({ severity: 'note', seen: 'is blue' }));
    const worse = finds('two', finding({ severity: 'problem', seen: 'is gone' }));
    const text = diagnosisText(await diagnose([notes, worse], ground()));
    assert.deepEqual(text.split('\n'), [
      '1 problem (2 checks)',
      '',
      'problem  two: thing: is gone',
      '         -> mend it',
      '',
      'note     one: thing: is blue',
      '         -> mend it',
    ]);
  });

  it('is coloured where that is wanted, and is never a text with control characters', async () => {
    const odd = finding({ severity: 'problem', object: 'a\u001b[2Jb\nc' });
    const found = await diagnose([finds('one', odd)], ground());
    assert.match(diagnosisText(found), /^problem {2}one: a\?\[2Jb\?c: is odd$/m);
    // eslint-disable-next-line no-control-regex -- colours are control characters
    assert.match(diagnosisText(found, true), /^\u001b\[31m1 problem\u001b\[0m \(1 check\)/);
  });

  it('shows ten of a kind and counts the rest', async () => {
    const many = Array.from({ length: 25 }, (_, at) => finding({ object: `thing ${at}` }));
    const other = finding({ code: 'other', object: 'else' });
    const text = diagnosisText(await diagnose([finds('one', ...many, other)], ground()));
    assert.equal(text.match(/^warning/gm)?.length, 11);
    assert.match(text, /thing 9: is odd \(and 15 more like this: --json\)/);
    assert.match(text, /else: is odd/);
  });
});
