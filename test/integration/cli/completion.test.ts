/** Completion of `nodepool` in real shells. A shell that is not installed is skipped. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isInstalled, run } from '../../../fixtures/processes/run.ts';
import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { nodePath, requestPath } from '../../../shared/store/paths.ts';
import { BUILDS, putImages } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';
import { Pty } from '../../support/pty.ts';

const main = join(import.meta.dirname, '../../../shared/cli/main.ts');

const PATIENCE_MS = 60_000;
const ANSWER_MS = 15_000;

describe('completion of nodepool', function () {
  this.timeout(120_000);
  let site: CliSite;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    const pools = [{ name: 'main', labels: [] }];
    site = await CliSite.make({
      providers: [{ name: 'cloud-one', driver: 'fake', cloud: 'fake', pools }],
      diskimages: [{ name: 'noble', elements: ['vm'] }],
    });
    await putImages(site);
    await site.put(nodePath('0000000042'), newNode({ state: 'ready' }, 0));
    await site.put(requestPath('100-0000000007'), newRequest({ node_types: [] }, 0));
    // What an installed `nodepool` is.
    const program = join(site.folder, 'nodepool');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' --import=tsx '${main}' "$@"\n`);
    await chmod(program, 0o755);
    env = { ...process.env, PATH: `${site.folder}:${process.env.PATH ?? ''}` };
  });
  after(() => site.close());

  const tab = async (...words: string[]): Promise<string[]> => {
    const line = ['completion', 'bash', '--complete', '--', '-c', site.configPath, ...words];
    return (await site.ours(...line)).out.trim().split('\n');
  };

  it('has what ZooKeeper knows', async () => {
    const build = `debian-trixie-${BUILDS.failed}`;
    await eventually(async () => {
      assert.deepEqual(await tab('hold', '0'), ['0000000042']);
      assert.deepEqual(await tab('explain', ''), ['100-0000000007']);
      assert.deepEqual(await tab('image-pause', 'jam'), ['jammy']);
      assert.deepEqual(await tab('dib-image-delete', build.slice(0, -5)), [build]);
    });
  });

  /** Types to an interactive shell what ends with a Tab, and waits for what it makes of it. */
  async function assertCompletes(
    shell: readonly string[],
    start: string,
    [typed, completed]: readonly [typed: string, completed: RegExp],
  ): Promise<void> {
    const terminal = await Pty.start(shell, {
      columns: 200,
      env: { ...env, PS1: '> ', PROMPT: '> ', HOME: site.folder },
    });
    try {
      terminal.type(`${start}; echo rea''dy\n`);
      await eventually(() => {
        assert.match(terminal.written, /ready\r?\n/);
      });
      const from = terminal.written.length;
      terminal.type(typed);
      await eventually(() => {
        assert.match(terminal.written.slice(from), completed);
      }, ANSWER_MS);
    } finally {
      await terminal.close();
    }
  }

  /** A machine under load may be too slow for one Tab: it is pressed again in a new shell. */
  const assertAllComplete = async (
    shell: readonly string[],
    start: string,
    cases: readonly (readonly [string, RegExp])[],
  ): Promise<void> => {
    for (const one of cases)
      await eventually(() => assertCompletes(shell, start, one), PATIENCE_MS);
  };

  const script = async (shell: string): Promise<string> => {
    const path = join(site.folder, `completion.${shell}`);
    await writeFile(path, (await site.ours('completion', shell)).out);
    return path;
  };

  const cases = (config: string): (readonly [string, RegExp])[] => [
    ['nodepool req\t', /nodepool request-list/],
    [`nodepool -c ${config} hold 00000\t`, /0000000042/],
    [`nodepool -c ${config} image-delete --provider=cl\t`, /--provider=cloud-one/],
  ];

  it('works in bash', async () => {
    await assertAllComplete(
      ['bash', '--norc', '--noprofile', '-i'],
      `source ${await script('bash')}`,
      [
        ...cases(site.configPath),
        [`nodepool -c ${site.folder}/nodep\t`, /nodepool\.yaml|nodepool/],
      ],
    );
  });

  it('works in zsh', async function () {
    if (!(await isInstalled('zsh'))) this.skip();
    await assertAllComplete(
      ['zsh', '-f', '-i'],
      `autoload -U compinit; compinit -u -D; source ${await script('zsh')}`,
      cases(site.configPath).slice(1, 2),
    );
  });

  it('works in fish', async function () {
    if (!(await isInstalled('fish'))) this.skip();
    const lines = [
      'nodepool req',
      `nodepool -c ${site.configPath} hold 0`,
      `nodepool -c ${site.folder}/nodepool.y`,
    ];
    const asked = lines.map((line) => `complete -C '${line}'`).join('; ');
    const path = await script('fish');
    await eventually(async () => {
      const found = await run('fish', ['-c', `source ${path}; ${asked}`], {
        env: { ...env, HOME: site.folder },
      });
      assert.equal(
        found,
        `request-list\tlist the current node requests\n0000000042\n${site.configPath}\n`,
      );
    });
  });
});
