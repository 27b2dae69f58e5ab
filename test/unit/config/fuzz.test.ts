import assert from 'node:assert/strict';

import fc from 'fast-check';
import { stringify } from 'yaml';

import { driverSections } from '../../../schemas/config/drivers/all.ts';
import { fileSchema } from '../../../schemas/config/file.ts';
import { loadText } from './load-text.ts';

/** Words of the configuration, so that random structures get further than the first key. */
const words = [
  ...Object.keys(fileSchema.shape),
  ...[...driverSections.values()].flatMap(({ name, schema }) => [
    name,
    ...Object.keys(schema.shape),
  ]),
  ...['name', 'labels', 'nodes', 'cloud-image', 'diskimage', 'max-servers', 'parent', 'env-vars'],
  ...['__proto__', 'constructor', '<<', 'null', ''],
];

const word = fc.constantFrom(...words);
const leaf = fc.oneof(
  word,
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);

const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 6 }),
  ),
}));

/** A file whose sections are of the right kind more often than not. */
const file = fc.record(
  {
    labels: fc.oneof(anything, fc.array(fc.record({ name: leaf }), { maxLength: 3 })),
    diskimages: fc.oneof(
      anything,
      fc.array(fc.record({ name: word, parent: word, 'env-vars': anything }), { maxLength: 3 }),
    ),
    providers: fc.array(
      fc.record({
        name: fc.oneof(word, fc.constant('fake')),
        driver: fc.constantFrom(...driverSections.keys()),
        pools: fc.array(fc.record({ name: leaf, labels: fc.array(anything, { maxLength: 2 }) }), {
          maxLength: 2,
        }),
        rest: anything,
      }),
      { maxLength: 3 },
    ),
    'zookeeper-servers': anything,
    extensions: anything,
  },
  { requiredKeys: [] },
);

/** Loads, or is refused with at least one reason; anything else is thrown by `loadText`. */
function isJudged(text: string): void {
  const { config, problems } = loadText(text, { secure: text });
  assert.equal(
    config === undefined,
    problems.some(({ severity }) => severity === 'error'),
  );
}

describe('loading a configuration', () => {
  it('judges any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isJudged), {
      numRuns: 300,
    });
  });

  it('judges any text made of YAML’s own characters', () => {
    const unit = fc.constantFrom(
      ...'[]{}:,-?&*!|>%@`#"\' \n\t<~a1.'.split(''),
      'name',
      ': ',
      '\n  ',
      '\n- ',
    );
    fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), isJudged), { numRuns: 500 });
  });

  it('judges any structure', () => {
    const asText = fc.oneof(anything, file).map((value) => stringify(value));
    fc.assert(fc.property(asText, isJudged), { numRuns: 500 });
  });
});
