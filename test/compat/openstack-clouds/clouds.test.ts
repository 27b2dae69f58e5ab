import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { ConfigError } from '../../../shared/base/errors.ts';
import { loadCloud, loadMerged } from '../../../shared/drivers/openstack/client/clouds/load.ts';
import type { LoadCloudOptions } from '../../../shared/drivers/openstack/client/clouds/load.ts';
import { omit } from '../../../shared/drivers/openstack/client/clouds/values.ts';
import type { Plain } from '../../../shared/drivers/openstack/client/clouds/values.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { groups } from './cases.ts';
import type { Case } from './cases/kit.ts';
import { asTheirs } from './ours.ts';

type Verdict = Readonly<Record<string, unknown>> & { readonly error?: string };

describe('clouds, read by openstacksdk and by us', () => {
  const all = Object.values(groups).flat();
  let top: string | undefined;
  let verdicts: ReadonlyMap<Case, Verdict>;

  before(async function () {
    const { nodepoolPython } = await peersOrSkip(this);
    top = await mkdtemp(join(tmpdir(), 'nodepool-clouds-'));
    const prepared = await Promise.all(all.map((one, index) => prepare(one, index)));
    const answers = await ask(nodepoolPython, prepared);
    verdicts = new Map(all.map((one, index) => [one, answers[index] ?? {}]));
  });
  after(async () => {
    if (top !== undefined) await rm(top, { recursive: true });
  });

  const folderOf = (index: number): string => join(top ?? '', String(index));

  async function prepare(one: Case, index: number): Promise<unknown> {
    const folder = folderOf(index);
    await mkdir(folder);
    for (const [name, content] of Object.entries(one.files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const { cloud, regionName, environment } = optionsOf(one, folder);
    const region = regionName === undefined ? {} : { region_name: regionName };
    return { folder, environment, web: one.web ?? {}, arguments: { cloud, ...region } };
  }

  for (const [group, cases] of Object.entries(groups))
    describe(group, () => {
      for (const one of cases)
        it(one.name, async () => {
          const options = optionsOf(one, folderOf(all.indexOf(one)));
          const theirs = verdicts.get(one) ?? {};
          if (one.refused === undefined) await expectEqual(options, theirs);
          else await expectRefused(options, theirs, one.refused);
        });
    });
});

function optionsOf(one: Case, folder: string): LoadCloudOptions {
  const given = Object.entries(one.environment ?? {}).map(
    ([name, value]) => [name, value.replaceAll('@', folder)] as const,
  );
  return {
    cloud: one.cloud ?? 'c',
    regionName: one.region,
    environment: { HOME: folder, XDG_CONFIG_DIRS: `${folder}/none`, ...Object.fromEntries(given) },
    homeDirectory: folder,
    workingDirectory: folder,
    fetchJson: (url) => {
      const answer = one.web?.[url];
      return answer === undefined
        ? Promise.reject(new Error('the web has no such page'))
        : Promise.resolve(answer);
    },
  };
}

async function ask(python: string, cases: readonly unknown[]): Promise<Verdict[]> {
  const judge = spawn(python, [join(import.meta.dirname, 'judge.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  judge.stdin.end(JSON.stringify(cases));
  const [output] = await Promise.all([text(judge.stdout), once(judge, 'exit')]);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}

async function expectEqual(options: LoadCloudOptions, theirs: Verdict): Promise<void> {
  assert.equal(theirs.error, undefined);
  const ours = asTheirs(await loadCloud(options), await loadMerged(options));
  // These stand beside the record.
  const config = omit(ours.config as Plain, 'networks', 'force_ipv4', 'prefer_ipv6');
  assert.deepEqual({ ...ours, config }, theirs);
}

async function expectRefused(
  options: LoadCloudOptions,
  theirs: Verdict,
  message: RegExp,
): Promise<void> {
  assert.ok(theirs.error, 'openstacksdk does not refuse it');
  await assert.rejects(loadCloud(options), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, message);
    return true;
  });
}
