/** Tokens, the launcher's and those of nodes, are seen by nobody but who needs them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { kinds } from './kinds.ts';
import { LABEL, play } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

const COMMAND = join(import.meta.dirname, '../../../dist/shared/cli/main.js');
const COMMANDS: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--detail'],
  ['list', '--json'],
  ['list', '--detail', '--json'],
];
const PAGES = ['/nodes', '/node-list', '/node-list?output=json', '/node-list.json', '/status', '/'];

describe('secrets of nodes of a real Kubernetes', function () {
  this.timeout(300_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const kind of kinds)
    it(`${kind}: no log, no command and no page shows them`, () =>
      play(services, kind, async (scene) => {
        const [port = 0] = await freePorts(1);
        await scene.configure({ webPort: port });
        await scene.start();
        const lent = await scene.lend(LABEL);
        const { token } = lent.node.connection_port as { token: string };
        const shown: Record<string, string> = {};
        for (const page of PAGES) {
          const answer = await fetch(`http://127.0.0.1:${port}${page}`);
          shown[`page ${page}`] = await answer.text();
        }
        for (const command of [...COMMANDS, ['info', scene.ground.provider]])
          shown[`command ${command.join(' ')}`] = await run(process.execPath, [
            ...[COMMAND, '-c', scene.configPath, '--debug', ...command],
          ]);
        await scene.giveBack(lent);
        await scene.untilEmpty();
        shown.log = await scene.log();
        assert.match(shown['command list --detail'] ?? '', new RegExp(lent.nodeId));
        assert.match(shown['page /node-list'] ?? '', new RegExp(lent.nodeId));
        for (const [where, text] of Object.entries(shown))
          for (const secret of [token, scene.ground.token])
            assert.ok(!text.includes(secret), `${where} shows a token`);
      }));
});
