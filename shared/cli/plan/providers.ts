/**
 * Which providers come, go, or connect anew. A provider connects anew where its basis has changed
 * (shared/config/changes.ts): anything in its section, what it takes of top-level disk images, our own
 * options for its driver. The old connection serves until the new one does, and launches under way go
 * on. Pure.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Config, ProviderConfig } from '../../../schemas/config/model.ts';
import { basisOf, compareConfigs } from '../../config/changes.ts';
import { sayCount } from '../explain/words.ts';
import { changesOf, type Change, type Finding } from './model.ts';
import { changedOptions } from './options.ts';

export function providerChanges(before: Config, after: Config): Change[] {
  const { providersAdded, providersChanged, providersRemoved } = compareConfigs(before, after);
  return changesOf('providers', [
    ...providersAdded.flatMap((name) => present(after, name, added)),
    ...providersRemoved.flatMap((name) => present(before, name, removed)),
    ...providersChanged.flatMap((name) =>
      present(before, name, (old) => present(after, name, (now) => changed(old, now))),
    ),
  ]);

  function changed(old: ProviderConfig, now: ProviderConfig): Finding[] {
    const options = basisChanges(old, now, before, after);
    const text =
      old.driver === now.driver
        ? 'connects anew; the old connection serves until then'
        : `changes its driver from ${old.driver} to ${now.driver}, which does not know what the old one has made: nobody deletes its machines`;
    return [
      {
        ...{ mark: '~', code: 'provider-restarted', subject: now.name, text, ids: options },
        is_loss: old.driver !== now.driver,
      },
      ...poolChanges(old, now),
    ];
  }
}

function added({ name, driver, pools }: ProviderConfig): Finding[] {
  const text = `starts: driver ${driver}, ${sayCount(pools.length, 'pool')}`;
  return [{ mark: '+', code: 'provider-added', subject: name, text, ids: names(pools) }];
}

function removed({ name, pools }: ProviderConfig): Finding[] {
  const text = `ends with ${sayCount(pools.length, 'pool')}; launches under way are finished`;
  return [{ mark: '-', code: 'provider-removed', subject: name, text, ids: names(pools) }];
}

function poolChanges(old: ProviderConfig, now: ProviderConfig): Finding[] {
  const pool = (name: string): string => `${now.name}-${name}`;
  const [before, after] = [new Set(names(old.pools)), new Set(names(now.pools))];
  return [
    ...[...after]
      .filter((name) => !before.has(name))
      .map((name): Finding => {
        return { mark: '+', code: 'pool-added', subject: pool(name), text: 'begins' };
      }),
    ...[...before]
      .filter((name) => !after.has(name))
      .map((name): Finding => {
        return { mark: '-', code: 'pool-removed', subject: pool(name), text: 'ends' };
      }),
  ];
}

/** Places of the options that have changed; never empty where the provider connects anew. */
function basisChanges(
  old: ProviderConfig,
  now: ProviderConfig,
  before: Config,
  after: Config,
): string[] {
  const section = changedOptions(old.raw, now.raw);
  const images = [...new Set([...old.diskimages.keys(), ...now.diskimages.keys()])]
    .filter((name) => !isDeepStrictEqual(old.diskimages.get(name), now.diskimages.get(name)))
    .map((name) => `diskimages[${name}]`)
    // What the section itself says of the image is in the list already.
    .filter((place) => !section.some((own) => own.startsWith(place) || own === 'diskimages'));
  const rest = (config: Config, provider: ProviderConfig): unknown => {
    const basis = basisOf(provider, config) as Readonly<Record<string, unknown>>;
    return { ...basis, raw: undefined, diskimages: undefined, driver: undefined };
  };
  const own = changedOptions(rest(before, old), rest(after, now)).map(
    (place) => OWN_NAMES[place] ?? `extensions.drivers.${now.driver}`,
  );
  return [...new Set([...section, ...images, ...own])];
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  cloudPollSeconds: 'extensions.intervals.cloud-poll',
  imageCheckSeconds: 'extensions.intervals.image-check',
};

function present<T>(config: Config, name: string, use: (provider: ProviderConfig) => T[]): T[] {
  const provider = config.providers.get(name);
  return provider === undefined ? [] : use(provider);
}

function names(pools: ProviderConfig['pools']): string[] {
  return pools.map(({ name }) => name);
}
