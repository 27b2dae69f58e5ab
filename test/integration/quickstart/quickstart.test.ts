/** The first thing that a newcomer types must work: run as a child, judged by what it prints. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { endWithUs } from '../../../fixtures/processes/reaper.ts';
import { projectRoot } from '../../support/peers.ts';

interface Quickstart {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the text was printed; rejects if the program ends before. */
  untilPrinted(text: RegExp): Promise<RegExpExecArray>;
}

function start(...args: string[]): Quickstart {
  const child = spawn(
    process.execPath,
    ['--import=tsx', 'contrib/quickstart/quickstart.ts', ...args],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  endWithUs(child);
  let output = '';
  let wake = (): void => undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      wake();
    });
  child.once('close', () => {
    wake();
  });
  const untilPrinted = async (text: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = text.exec(output);
      if (match !== null) return match;
      if (child.exitCode !== null) throw new Error(`ended without ${String(text)}:\n${output}`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { child, output: () => output, untilPrinted };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('npm run quickstart', function () {
  this.timeout(90_000);

  // The RSA key counts twice, as in the original.
  it('serves one round of requests, real host keys included, and ends with nothing left', async () => {
    const quickstart = start('--once');
    const [code] = (await once(quickstart.child, 'close')) as [number];
    const output = quickstart.output();
    assert.equal(code, 0, output);
    assert.equal(output.match(/fulfilled {2}in \d+ ms/g)?.length, 4, output);
    assert.match(output, /node \d{10} {2}zuul@127\.0\.0\.1:\d+ {2}\(rack, 4 host keys\)/, output);
    assert.equal(output.match(/given back/g)?.length, 4, output);
    assertNothingLeft(output);
  });

  it('shows where things are, and stops everything at Ctrl-C', async () => {
    const quickstart = start();
    await quickstart.untilPrinted(/one more every/);
    const [, url = ''] = await quickstart.untilPrinted(/(http:\S+node-list)/);
    assert.equal((await fetch(url)).status, 200);
    const [, configuration = ''] = await quickstart.untilPrinted(/configuration\s+(\S+)/);
    assert.ok(existsSync(configuration));
    quickstart.child.kill('SIGINT');
    const [code] = (await once(quickstart.child, 'close')) as [number];
    assert.equal(code, 0, quickstart.output());
    assertNothingLeft(quickstart.output());
  });
});

function assertNothingLeft(output: string): void {
  assert.match(output, /stopped; nothing is left running\s*$/);
  const [, pid = ''] = /launcher\s+pid (\d+)/.exec(output) ?? [];
  assert.ok(Number(pid) > 0, output);
  assert.equal(isAlive(Number(pid)), false, 'the launcher has ended');
  const [, folder = ''] = /folder\s+(\S+)/.exec(output) ?? [];
  assert.equal(existsSync(folder), false, 'the folder is gone');
}
