import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { projectRoot } from '../../support/peers.ts';

const GARBAGE = JSON.stringify(new URL('../../../shared/base/garbage.ts', import.meta.url).href);

/**
 * Keeps 20 MB of objects in use, replacing all of them again and again, with a pause now and then, as
 * daemons have them; prints sizes in bytes.
 */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8';
import { boundGarbage } from ${GARBAGE};
const sizeOf = (name) => getHeapSpaceStatistics().find((one) => one.space_name === name).space_size;
if (process.argv.includes('bounded')) boundGarbage();
const kept = Array.from({ length: 200000 }, () => ({}));
let most = 0;
for (let turn = 0; turn < 1.5e6; turn++) {
  kept[(turn * 7919) % kept.length] = { turn, values: [turn, turn, turn] };
  if (turn % 10000 !== 0) continue;
  most = Math.max(most, sizeOf('old_space'));
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(JSON.stringify({ most, young: sizeOf('new_space') }));
`;

async function run(...args: string[]): Promise<{ most: number; young: number }> {
  const node = [
    ...['--import', 'tsx', '--input-type=module', '--eval'],
    ...[PROGRAM, '--', ...args],
  ];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: projectRoot });
  return JSON.parse(stdout) as { most: number; young: number };
}

describe('garbage', () => {
  it('takes less room where it is bounded, and young objects half of it', async () => {
    const [bounded, free] = await Promise.all([run('bounded'), run()]);
    assert.equal(bounded.young, 16 * 1024 * 1024);
    assert.ok(free.young > bounded.young);
    assert.ok(bounded.most < 0.8 * free.most, JSON.stringify({ bounded, free }));
  });
});
