import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';

import { keeping, lookAtRecord } from '../../../schemas/records/as-is.ts';
import { componentSchema } from '../../../schemas/records/component.ts';
import { buildSchema, uploadSchema } from '../../../schemas/records/image.ts';
import { newNode, nodeSchema } from '../../../schemas/records/node.ts';
import { newRequest, requestSchema } from '../../../schemas/records/request.ts';

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Values as they come, and such that are likely to be right. */
const anyValue = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'ready',
    'pending',
    'building',
    0,
    1.5,
    Infinity,
    true,
    [],
    ['a'],
    {},
    [1],
  ),
  fc.constantFrom({ a: 1 }, { a: 'b' }, { a: null }, JSON.parse('{"__proto__": 1}')),
  fc.jsonValue(),
);

describe('a quick look at a record', () => {
  const ready = { state: 'ready' };
  const schemas: Readonly<Record<string, readonly [z.ZodObject, object]>> = {
    node: [nodeSchema, ready],
    request: [requestSchema, { state: 'requested' }],
    component: [
      componentSchema,
      { state: 'running', hostname: 'host', kind: 'launcher', version: '1' },
    ],
    build: [buildSchema, ready],
    upload: [uploadSchema, ready],
  };
  for (const [name, [schema, least]] of Object.entries(schemas))
    it(`accepts what zod gives back as it is, with defaults, and nothing else: ${name}`, () => {
      const look = lookAtRecord(schema);
      const keys = fc.constantFrom(...Object.keys(schema.shape), 'another', '__proto__');
      let accepted = 0;
      fc.assert(
        fc.property(fc.array(fc.tuple(keys, anyValue)), fc.boolean(), (entries, isWhole) => {
          const valid = isWhole ? schema.parse(least) : {};
          const record = JSON.parse('{}') as Record<string, unknown>;
          for (const [key, value] of [...Object.entries(valid), ...entries])
            Object.defineProperty(record, key, {
              ...{ value, enumerable: true, writable: true, configurable: true },
            });
          const result = schema.safeParse(structuredClone(record));
          if (!look(record)) return;
          accepted++;
          assert.ok(result.success);
          assert.deepEqual(record, result.data);
        }),
        { numRuns: 3000 },
      );
      assert.ok(accepted > 0);
    });

  it('is enough for what we write, and for what Zuul does', () => {
    const node = newNode(
      { type: ['small'], host_keys: ['ssh-rsa AAAA'], resources: { cores: 1 } },
      1,
    );
    assert.ok(lookAtRecord(nodeSchema)(copy(node)));
    const request = newRequest({ node_types: ['small'] }, 1);
    assert.ok(lookAtRecord(requestSchema)(copy(request)));
    // Zuul leaves out what only launchers write.
    const value = copy({ ...request, declined_by: undefined, nodes: undefined, reuse: undefined });
    assert.ok(lookAtRecord(requestSchema)(value));
    assert.deepEqual(value, request);
  });

  it('shares no default between two records', () => {
    const [one, other] = [copy({ state: 'requested' }), copy({ state: 'requested' })];
    const look = lookAtRecord(requestSchema);
    assert.ok(look(one) && look(other));
    assert.notEqual((one as { nodes: unknown }).nodes, (other as { nodes: unknown }).nodes);
  });

  it('leaves to zod what it does not know', () => {
    const never = (field: z.ZodType, value: unknown): void => {
      assert.equal(lookAtRecord(z.looseObject({ field }))({ field: value }), false);
    };
    never(z.string().min(1), 'a');
    never(z.literal('a'), 'a');
    never(z.record(z.enum(['a']), z.string()), { a: 'b' });
    never(
      z.string().transform((text) => text),
      'a',
    );
    never(
      keeping(
        z.null(),
        z.unknown().transform(() => null),
      ),
      'a',
    );
  });
});
