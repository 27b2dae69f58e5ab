import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { maskOf, masked } from '../../../../../fixtures/gce-cloud/fields.ts';
import { LISTED_FIELDS as INSTANCES } from '../../../../../shared/drivers/gce/client/instances.ts';
import { LISTED_FIELDS as OPERATIONS } from '../../../../../shared/drivers/gce/client/operations.ts';

type Mask = NonNullable<ReturnType<typeof maskOf>>;

interface Node {
  readonly nested?: Readonly<Record<string, Node>>;
  readonly fields?: Readonly<Record<string, { readonly type: string }>>;
}

/** Google's own description of its API, as its library has it. */
function messages(): Readonly<Record<string, Node>> {
  const file = createRequire(import.meta.url).resolve(
    '@google-cloud/compute/build/protos/protos.json',
  );
  const root = JSON.parse(readFileSync(file, 'utf8')) as Node;
  const path = ['google', 'cloud', 'compute', 'v1'];
  return path.reduce<Node>((node, name) => node.nested?.[name] ?? {}, root).nested ?? {};
}

describe('gce: the parts of lists that are asked for', () => {
  let known: Readonly<Record<string, Node>>;
  before(() => {
    known = messages();
  });

  function check(mask: Mask, type: string): void {
    const fields = known[type]?.fields;
    for (const [name, inner] of mask) {
      const field = fields?.[name];
      assert.ok(field !== undefined, `${type} has no ${name}`);
      if (inner.size > 0) check(inner, field.type.replace(/^.*\./, ''));
    }
  }

  for (const [text, type] of [
    [INSTANCES, 'InstanceList'],
    [OPERATIONS, 'OperationList'],
  ] as const)
    it(`are parts of Google's ${type}`, () => {
      const mask = maskOf(text);
      assert.ok(mask !== undefined);
      check(mask, type);
    });

  it('are read by the cloud in memory as Google reads them', () => {
    const mask = maskOf('a(b,c/d),e');
    assert.ok(mask !== undefined);
    const whole = { a: [{ b: 1, c: { d: 2, x: 3 }, x: 4 }, { x: 5 }], e: { f: 6 }, g: 7 };
    assert.deepEqual(masked(whole, mask), { a: [{ b: 1, c: { d: 2 } }, {}], e: { f: 6 } });
    for (const wrong of ['', 'a(', 'a(b', 'a b', 'a//b', 'a,', '(a)'])
      assert.equal(maskOf(wrong), undefined, wrong);
  });
});
