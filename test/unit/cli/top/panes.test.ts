import assert from 'node:assert/strict';

import { plainText } from '../../../../shared/cli/terminal/lines.ts';
import type { TopData } from '../../../../shared/cli/top/model.ts';
import { imagesPane } from '../../../../shared/cli/top/panes/images.ts';
import { launchesPane } from '../../../../shared/cli/top/panes/launches.ts';
import { nodesPane } from '../../../../shared/cli/top/panes/nodes.ts';
import { bar, type PaneMaker } from '../../../../shared/cli/top/panes/pane.ts';
import { processesPane } from '../../../../shared/cli/top/panes/processes.ts';
import { quotaPane } from '../../../../shared/cli/top/panes/quota.ts';
import { waitingPane } from '../../../../shared/cli/top/panes/waiting.ts';
import * as world from './world.ts';

const { NOW, dataOf, emptyStored, launcherOf, launchOf, providerOf } = world;

function rowsOf(make: PaneMaker, data: TopData): string[] {
  return make(data, 100).rows.map((row) => row.map((one) => plainText([one])).join('|'));
}

const reason = { provider: 'cloud', pool: 'main', code: 'no-room', requests: [] };

describe('waitingPane', () => {
  const stored = { ...emptyStored, requests: new Map([['requested', 7]]) };

  it('has the reasons of all launchers, the most frequent first', () => {
    const launchers = [
      launcherOf({ reasons: [{ ...reason, answer: 'defer', text: 'no room', count: 2 }] }),
      launcherOf(
        { reasons: [{ ...reason, answer: 'decline', text: 'no label', count: 5 }] },
        'two',
      ),
      world.silentLauncher('answers 404'),
    ];
    const data = dataOf({ stored, launchers });
    assert.deepEqual(rowsOf(waitingPane, data), [
      '5|cloud|main|decline|no label',
      '2|cloud|main|defer|no room',
    ]);
    const { title, remark } = waitingPane(data);
    assert.deepEqual([title, remark], ['Waiting requests: 7', '1 of 3 launchers tell nothing']);
  });

  it('has the labels that are wanted where no launcher tells', () => {
    const wanted = { ...stored, wanted: [['big', 5] as const, ['small', 2] as const] };
    const data = dataOf({ stored: wanted, launchers: [world.silentLauncher('answers 404')] });
    assert.deepEqual(rowsOf(waitingPane, data), ['5|big', '2|small']);
    assert.equal(waitingPane(data).remark, 'no launcher tells why they wait');
  });
});

describe('launchesPane', () => {
  it('has those under way, the oldest first, with phase, ages and attempt', () => {
    const launches = [
      launchOf(),
      launchOf({ ended: NOW }),
      launchOf({
        ...{ request: '100-2', node: null, attempt: 2, problem: 'no boot' },
        steps: [{ phase: 'scanning-host-keys', since: NOW - 3700, attempt: 2 }],
      }),
    ];
    assert.deepEqual(rowsOf(launchesPane, dataOf({ launchers: [launcherOf({ launches })] })), [
      '100-2|small|cloud/main||scanning host keys|1 h 1 min|1 h 1 min|2 of 3|no boot',
      '100-0000000001|small|cloud/main|0000000001|creating|1 min|1 min 5 s|1 of 3|',
    ]);
  });

  it('has nodes that are being built where no launcher tells', () => {
    const node = { name: '0000000003', provider: 'cloud', what: 'small', since: NOW - 30 };
    const data = dataOf({ stored: { ...emptyStored, nodesInTheMaking: [node] } });
    assert.deepEqual(rowsOf(launchesPane, data), ['0000000003|small|cloud|30 s']);
    assert.equal(launchesPane(data).remark, 'no launcher tells how far they are');
  });
});

describe('quotaPane', () => {
  it('shows a provider of several launchers once, and adds what each keeps', () => {
    const use = (reserved: number) => ({ resource: 'cores', used: 8, reserved, limit: 20 });
    const pool = { id: 'x', name: 'main', labels: [], paused: true };
    const servers = { resource: 'instances', used: 2, reserved: 0, limit: 2 };
    const one = providerOf({
      launching: 1,
      quota: [use(2)],
      pools: [{ ...pool, quota: [servers] }],
    });
    const two = providerOf({ launching: 2, deleting: 1, quota: [use(4)] });
    const data = dataOf({
      launchers: [launcherOf({ providers: [one] }), launcherOf({ providers: [two] }, 'two')],
    });
    assert.deepEqual(rowsOf(quotaPane, data), [
      'cloud|cores|████████▒▒▒▒▒▒······|8 +6 of 20|3|1|running',
      '  main|instances|████████████████████|2 of 2|||pool waits for room',
    ]);
  });

  it('has the pools that are registered where no launcher tells', () => {
    const pool = { provider: 'cloud', name: 'main', host: 'old', labels: ['a', 'b'] };
    const pools = [
      { ...pool, isPaused: true },
      { ...pool, name: 'two', isPaused: false },
    ];
    assert.deepEqual(rowsOf(quotaPane, dataOf({ stored: { ...emptyStored, pools } })), [
      'cloud|main|old|waits for room|a, b',
      'cloud|two|old|takes requests|a, b',
    ]);
  });

  it('tells why a provider does not run, and has no bar without a limit', () => {
    const absent = providerOf({ state: 'absent', problem: 'no such cloud' });
    const free = providerOf({
      ...{ name: 'free', quota: [{ resource: 'cores', used: 3, reserved: 0, limit: null }] },
    });
    const data = dataOf({ launchers: [launcherOf({ providers: [absent, free] })] });
    assert.deepEqual(rowsOf(quotaPane, data), [
      'cloud||||0|0|absent: no such cloud',
      'free|cores||3|0|0|running',
    ]);
  });
});

describe('nodesPane', () => {
  it('counts by provider and state, in the order of a node’s life', () => {
    const nodes = new Map([
      ['two', new Map([['ready', 1]])],
      [
        'one',
        new Map([
          ['odd', 1],
          ['in-use', 3],
          ['building', 2],
        ]),
      ],
    ]);
    const data = dataOf({ stored: { ...emptyStored, nodes } });
    assert.deepEqual(nodesPane(data).headers, [
      'Provider',
      'All',
      'building',
      'ready',
      'in-use',
      'odd',
    ]);
    assert.deepEqual(rowsOf(nodesPane, data), ['one|6|2||3|1', 'two|1||1||']);
    assert.equal(nodesPane(data).title, 'Nodes: 7');
  });
});

describe('imagesPane', () => {
  it('has what builders tell, and of others what ZooKeeper has', () => {
    const build = {
      ...{ image: 'debian', build: 'b1', formats: [], since: NOW - 90, log_bytes: 2048 },
      step: { element: 'base', phase: 'install.d', script: '10-x' },
    };
    const upload = {
      ...{ image: 'debian', build: 'b0', provider: 'cloud', upload: '0000000001' },
      ...{ sent_bytes: 5, total_bytes: 10, percent: 50, bytes_per_second: 1024 },
      ...{ seconds_left: 5, seconds: 6 },
    };
    const since = NOW - 10;
    const stored = {
      ...emptyStored,
      builds: [
        { name: 'debian-b1', provider: '', what: 'builder', since },
        { name: 'old-b9', provider: '', what: 'theirs', since },
      ],
      uploads: [
        { name: 'debian-b0 cloud 0000000001', provider: 'cloud', what: '', since },
        { name: 'old-b8 far 0000000002', provider: 'far', what: '', since },
      ],
    };
    const builders = [world.builderOf({ builds: [build], uploads: [upload] })];
    const data = dataOf({ stored, builders });
    assert.deepEqual(rowsOf(imagesPane, data), [
      'build|debian-b1|builder|base install.d 10-x|2.0 KiB of log|1 min 30 s',
      'build|old-b9|theirs|||10 s',
      'upload|debian-b0|cloud|██████████·········· 50 %|1.0 KiB/s, 5 s left|6 s',
      'upload|old-b8|far|||10 s',
    ]);
    assert.equal(imagesPane(data, 100).remark, 'of 2 no builder tells how far it is');
  });
});

describe('processesPane', () => {
  it('has each launcher and builder with what it says, or why it says nothing', () => {
    const data = dataOf({
      launchers: [
        launcherOf({ serving: 3, waiting: 5, without_answer: 2, is_draining: true }),
        world.silentLauncher('answers 404'),
      ],
      builders: [world.builderOf({})],
    });
    assert.deepEqual(rowsOf(processesPane, data), [
      'launcher|one|1.0|running|draining, serves 3, has said nothing yet about 2 of 5 that wait',
      'launcher|old|11.0.0|running|answers 404',
      'builder|builder|1.0|running|idle',
    ]);
  });
});

describe('bar', () => {
  it('is always as long, whatever the numbers are', () => {
    for (const [used, reserved, limit] of [
      [0, 0, 0],
      [-1, 0, 5],
      [9, 9, 5],
      [1, 1, 1e9],
      [0, 5, 5],
    ])
      for (const length of [8, 20])
        assert.equal(bar(used ?? 0, reserved ?? 0, limit ?? 0, length).length, length);
  });
});
