import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  parseText,
  UnreadableText,
} from '../../../../../shared/drivers/openstack/client/clouds/parse.ts';

const value = (scalar: string): unknown =>
  (parseText(`key: ${scalar}`, 'yaml') as { key: unknown }).key;

describe('text of clouds.yaml', () => {
  it('has the scalars of PyYAML', () => {
    // What PyYAML's safe_load gives, with fractions as Python prints them.
    const wanted: [string, unknown][] = [
      ['yes', true],
      ['Off', false],
      ['y', 'y'],
      ['~', null],
      ['', null],
      ['"null"', 'null'],
      ['12', 12],
      ['-1_000', -1000],
      ['010', 8],
      ['08', '08'],
      ['0x1F', 31],
      ['0b11', 3],
      ['1:30', 90],
      ['1e3', '1e3'],
      ['123e4567', '123e4567'],
      ['2.0', '2.0'],
      ['2.10', '2.1'],
      ['1.5e+3', '1500.0'],
      ['1.5e+300', '1.5e+300'],
      ['0.00001', '1e-05'],
      ['1:30.5', '90.5'],
      ['-.inf', '-inf'],
      ['.NaN', 'nan'],
      ['2024-01-01', '2024-01-01'],
      ['12345678901234567890123456789012', '12345678901234567890123456789012'],
      ['01234567012345670123456701', '6167968287699604757953'],
      ['-0xfedcba98765432100', '-293836136711889035520'],
      ['!!str 12', '12'],
    ];
    assert.deepEqual(
      wanted.map(([scalar]) => [scalar, value(scalar)]),
      wanted,
    );
  });

  it('has anchors and merge keys, and the last of equal keys', () => {
    const text = 'a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}\nb: {<<: [*a, {z: 3}], y: 4}';
    assert.deepEqual(parseText(text, 'yaml'), {
      a: { x: 1, y: 1 },
      b: { x: 1, y: 4, z: 3 },
    });
  });

  it('keeps fractions of JSON', () => {
    assert.deepEqual(parseText('{"a": 2.5, "b": [3], "c": true}', 'json'), {
      a: '2.5',
      b: [3],
      c: true,
    });
  });

  it('is refused without a word of it', () => {
    const breaks = ['"%s', '[%s', '*%s', '!%s x', '%s: y: z', '{%s}}', '@%s', '- %s\n x: y'];
    fc.assert(
      fc.property(
        fc.constantFrom(...breaks),
        fc.stringMatching(/^[a-z0-9]{8,20}$/),
        fc.constantFrom('yaml', 'json'),
        (broken, secret, kind) => {
          assert.throws(
            () => parseText(`clouds:\n  password: ${broken.replace('%s', secret)}`, kind),
            (error: unknown) =>
              error instanceof UnreadableText &&
              error.cause === undefined &&
              !error.message.includes(secret),
          );
        },
      ),
    );
  });

  it('says in which line it is wrong', () => {
    assert.throws(() => parseText('a: 1\nb: [\n', 'yaml'), /line 3 is no valid YAML/);
    assert.throws(() => parseText('a: 1\n---\nb: 2\n', 'yaml'), /line 2 is no valid YAML/);
    assert.throws(() => parseText('a: *nothing', 'yaml'), /alias/);
  });
});
