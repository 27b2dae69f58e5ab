import assert from 'node:assert/strict';

import { tooOld } from '../../../../shared/rules/nodes/too-old.ts';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { MADE_AT, node } from '../../../support/launcher-world.ts';

type Limits = Parameters<typeof tooOld>[1];

function limits(labels: Record<string, number>, maxHoldAgeSeconds = Infinity): Limits {
  const definitions = Object.entries(labels).map(
    ([name, maxReadyAgeSeconds]) => [name, { name, minReady: 0, maxReadyAgeSeconds }] as const,
  );
  const providers = new Map([['cloud', {}]]) as unknown as Limits['providers'];
  return { labels: new Map(definitions), providers, maxHoldAgeSeconds };
}

interface Row {
  readonly when: string;
  readonly node?: Partial<NodeRecord>;
  readonly config?: Limits;
  readonly age: number;
  readonly isTooOld: boolean;
}

function table(base: Partial<NodeRecord>, rows: readonly Row[]): void {
  for (const row of rows) {
    it(`is ${row.isTooOld ? '' : 'not '}too old ${row.when}`, () => {
      const record = node({ ...base, ...row.node });
      const reason = tooOld(record, row.config ?? limits({ small: 60 }), MADE_AT + row.age);
      assert.equal(reason !== undefined, row.isTooOld, reason);
    });
  }
}

describe('a ready node', () => {
  table({ type: ['small'] }, [
    { when: 'just before max-ready-age', age: 59.9, isTooOld: false },
    { when: 'at max-ready-age', age: 60, isTooOld: true },
    { when: 'without a limit', config: limits({ small: 0 }), age: 1e9, isTooOld: false },
    { when: 'of a label that left the file', config: limits({}), age: 1e9, isTooOld: false },
    { when: 'while it is reserved', node: { allocated_to: 'r' }, age: 1e9, isTooOld: false },
    {
      when: 'of a provider that left the file',
      node: { provider: 'x' },
      age: 1e9,
      isTooOld: false,
    },
    { when: 'of no provider', node: { provider: null }, age: 1e9, isTooOld: false },
    {
      when: 'at the lowest limit of its labels',
      node: { type: ['large', 'small'] },
      config: limits({ large: 600, small: 60 }),
      age: 60,
      isTooOld: true,
    },
    {
      when: 'by the one label that has a limit',
      node: { type: ['large', 'small'] },
      config: limits({ large: 0, small: 60 }),
      age: 60,
      isTooOld: true,
    },
  ]);
});

describe('a held node', () => {
  const held = (own: number | null) => ({ hold_expiration: own });
  table({ state: 'hold', type: ['small'] }, [
    { when: 'never, where nothing limits it', age: 1e9, isTooOld: false },
    { when: 'just before its own limit', node: held(100), age: 99, isTooOld: false },
    { when: 'at its own limit', node: held(100), age: 100, isTooOld: true },
    { when: 'at the limit of all', config: limits({}, 50), age: 50, isTooOld: true },
    {
      when: 'at the lower of both limits',
      node: held(100),
      config: limits({}, 50),
      age: 50,
      isTooOld: true,
    },
    {
      when: 'at its own limit, though that of all is higher',
      node: held(100),
      config: limits({}, 500),
      age: 100,
      isTooOld: true,
    },
    { when: 'with 0 of its own, which is none', node: held(0), age: 1e9, isTooOld: false },
    {
      when: 'even if its provider left the file',
      node: { ...held(9), provider: 'x' },
      age: 9,
      isTooOld: true,
    },
  ]);
});

describe('a node in any other state', () => {
  for (const state of ['init', 'building', 'in-use', 'used', 'deleting', 'failed'] as const) {
    table({ state, type: ['small'], hold_expiration: 1 }, [
      { when: state, config: limits({ small: 1 }, 1), age: 1e9, isTooOld: false },
    ]);
  }
});
