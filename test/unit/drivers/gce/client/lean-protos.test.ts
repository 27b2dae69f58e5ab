import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import {
  leanProtos,
  type Described,
} from '../../../../../shared/drivers/gce/client/lean-protos.ts';

const PLACE = ['google', 'cloud', 'compute', 'v1'];

function whole(): Described {
  const path = '@google-cloud/compute/build/protos/protos.json';
  return JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve(path), 'utf8'),
  ) as Described;
}

const inside = (root: Described): Readonly<Record<string, Described>> =>
  PLACE.reduce<Described>((node, name) => node.nested?.[name] ?? {}, root).nested ?? {};

describe("gce: Google's description of its API", () => {
  it('is left with what we call, and all that this reaches', () => {
    const all = whole();
    const lean = leanProtos(all);
    const kept = inside(lean);
    assert.deepEqual(Object.keys(kept.Instances?.methods ?? {}).toSorted(), [
      'Delete',
      'Get',
      'Insert',
      'List',
    ]);
    for (const name of ['InstanceList', 'Instance', 'NetworkInterface', 'AccessConfig', 'Errors'])
      assert.ok(name in kept, name);
    assert.ok(!('UrlMap' in kept) && !('Firewalls' in kept));
    const before = JSON.stringify(all).length;
    assert.ok(JSON.stringify(lean).length < before / 10, 'it is a small part');
    assert.ok('UrlMap' in inside(all), 'the whole is left as it was');
  });

  it('has no type that leads nowhere', () => {
    const all = inside(whole());
    const kept = inside(leanProtos(whole()));
    const check = (node: Described): void => {
      for (const { type } of Object.values(node.fields ?? {})) {
        const name = type.replace(/^.*\./, '');
        if (name in all) assert.ok(name in kept, type);
      }
      for (const inner of Object.values(node.nested ?? {})) check(inner);
    };
    for (const node of Object.values(kept)) check(node);
  });

  it('is an error where it lacks what we call', () => {
    assert.throws(() => leanProtos({}), /describes no google/);
    const empty = PLACE.reduceRight<Described>((node, name) => ({ nested: { [name]: node } }), {});
    assert.throws(() => leanProtos(empty), /describes less of Instances than we call/);
  });
});
