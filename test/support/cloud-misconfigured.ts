/**
 * What the driver of every cloud does in a launcher with a configuration that asks for what there is not:
 * the log names it, what else is configured goes on, and all is well when it is there, without a restart.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import type { CloudSite, Fields } from './cloud-site.ts';
import { eventually } from './eventually.ts';
import { fakeProvider, type Scene } from './launcher-scene.ts';

/** Further options beside those that are right. */
interface Options {
  readonly provider?: Fields;
  readonly pool?: Fields;
  /** Of label `wanted`. */
  readonly label?: Fields;
}

export interface Misconfigured<S extends CloudSite> extends Options {
  readonly what: string;
  readonly break?: (site: S) => unknown;
  /** In one line of the log. */
  readonly words: readonly RegExp[];
  /** Undefined: only another configuration would help. */
  readonly mend?: (site: S) => unknown;
}

/** What may become different while a launcher runs; it takes no notice but for its log. */
export interface Change<S extends CloudSite> extends Options {
  readonly what: string;
  readonly before?: (site: S) => unknown;
  /** A request is served before the first one, and after each. */
  readonly steps: readonly ((site: S) => unknown)[];
  readonly after?: (site: S) => unknown;
  /** Seconds. */
  readonly intervals?: Readonly<Record<string, number>>;
}

export interface MisconfiguredCloud<S extends CloudSite> {
  /** As the configuration calls the driver. */
  readonly driver: string;
  /** Name of its provider. */
  readonly provider: string;
  readonly open: () => Promise<S>;
  /** The provider is absent. */
  readonly ofProvider?: readonly Misconfigured<S>[];
  /** The label is absent from the start; the provider's others are not. */
  readonly ofLabel?: readonly Misconfigured<S>[];
  /** The cloud refuses each machine of the label. */
  readonly ofLaunch?: readonly Misconfigured<S>[];
  /** The cloud refuses each machine of the pool. */
  readonly ofPool?: readonly Misconfigured<S>[];
  readonly changes?: readonly Change<S>[];
}

export function misconfiguredCloud<S extends CloudSite>(cloud: MisconfiguredCloud<S>): void {
  const { ofProvider = [], ofLabel = [], ofLaunch = [], ofPool = [], changes = [] } = cloud;
  describe(`the ${cloud.driver} driver in a launcher with a configuration that cannot work`, () => {
    let opened: S | undefined;
    beforeEach(async () => {
      opened = await cloud.open();
    });
    afterEach(() => opened?.close());

    type Steps = (scene: Scene, site: S) => Promise<void>;
    /** With a good label `small` of the same provider and `other` of another one. */
    const run = async (
      one: Options & Pick<Change<S>, 'intervals'>,
      steps: Steps,
    ): Promise<void> => {
      assert.ok(opened);
      const site = opened;
      const { provider = {}, pool = {}, label = {}, intervals = {} } = one;
      const ours = site.provider({ labels: { small: {}, wanted: label }, provider, pool });
      await site.play((scene) => steps(scene, site), {
        providers: [ours, fakeProvider({ labels: ['other'] })],
        intervals,
      });
    };
    const broken = (title: string, one: Misconfigured<S>, steps: Steps): void => {
      it(`${title} ${one.what}`, async () => {
        assert.ok(opened);
        await one.break?.(opened);
        await run(one, async (scene, site) => {
          await steps(scene, site);
          assert.ok(!scene.own.lines.join().includes('mistyped'), 'a secret in the log');
        });
      });
    };

    for (const one of ofProvider)
      broken('does without the provider until it is right:', one, async (scene, site) => {
        await isPlaceOf(await told(scene, one.words), cloud.provider);
        await scene.zuul.ask(['other']);
        await untilAnswered(scene, 'small', 'failed');
        await one.mend?.(site);
        await untilAnswered(scene, 'small', 'fulfilled');
        await scene.zuul.ask(['wanted']);
      });

    for (const one of ofLabel)
      broken('does without the label until the cloud has its', one, async (scene, site) => {
        await isPlaceOf(await told(scene, one.words), 'wanted');
        await withoutLabel(scene, () => one.mend?.(site));
      });

    for (const one of ofLaunch)
      broken("says what the cloud says of the label's", one, async (scene, site) => {
        await untilAnswered(scene, 'wanted', 'failed');
        await isPlaceOf(await told(scene, one.words), 'wanted');
        await withoutLabel(scene, one.mend && (() => one.mend?.(site)));
      });

    for (const one of ofPool)
      broken('does without the pool until the cloud has its', one, async (scene, site) => {
        await untilAnswered(scene, 'small', 'failed');
        await told(scene, one.words);
        await scene.zuul.ask(['other']);
        await one.mend?.(site);
        await untilAnswered(scene, 'small', 'fulfilled');
      });

    for (const change of changes)
      it(change.what, async () => {
        assert.ok(opened);
        await change.before?.(opened);
        await run(change, async ({ zuul }, site) => {
          await zuul.ask(['small']);
          for (const step of change.steps) {
            await step(site);
            await zuul.ask(['small']);
          }
          await change.after?.(site);
        });
      });
  });
}

/** Other labels are served, and this one when it can be. */
async function withoutLabel(scene: Scene, mend: (() => unknown) | undefined): Promise<void> {
  await scene.zuul.ask(['other']);
  await scene.zuul.ask(['small']);
  await untilAnswered(scene, 'wanted', 'failed');
  if (mend === undefined) return;
  await mend();
  await untilAnswered(scene, 'wanted', 'fulfilled');
}

/** The line of the log that says all of that. */
async function told({ own }: Scene, words: readonly RegExp[]): Promise<string> {
  let found: string | undefined;
  await eventually(() => {
    found = own.lines.find((line) => words.every((word) => word.test(line)));
    assert.ok(found, own.lines.join('\n'));
  });
  return found ?? '';
}

/** The line of nodepool.yaml that a message leads to is where that name stands. */
async function isPlaceOf(line: string, name: string): Promise<void> {
  const [, path = '', number = ''] = /"place":"([^"]*nodepool\.yaml):(\d+)/.exec(line) ?? [];
  assert.notEqual(path, '', line);
  const text = await readFile(path, 'utf8');
  const rest = text.split('\n').slice(Number(number) - 1);
  assert.match(rest.slice(0, 2).join('\n'), new RegExp(`"name": "${name}"`));
}

/** Asks until it ends so. */
async function untilAnswered({ zuul }: Scene, label: string, state: string): Promise<void> {
  await eventually(async () => {
    const id = await zuul.submit([label]);
    let last: unknown;
    await eventually(async () => {
      last = (await zuul.request(id))?.state;
      assert.ok(last === 'fulfilled' || last === 'failed', String(last));
    });
    assert.equal(last, state);
  });
}
