import assert from 'node:assert/strict';
import fc from 'fast-check';

import { formatTemplate } from '../../../shared/cloud/template.ts';

const request = {
  id: '200-1',
  labels: ['a', 'b'],
  requestor_data: {
    branch: 'main',
    n: 1,
    q: "it's",
    t: true,
    x: null,
    deep: { l: [1, 'two'] },
    'b"q': 'it\'s "q"',
    nl: 'a\nb\tc\\',
  },
  relative_priority: 3,
  event_id: null,
  created_time: 1.5,
  tenant_name: 'ténänt☃',
};

/** What Python 3.11 makes of a template; null: it raises. */
const PYTHON: readonly (readonly [template: string, text: string | null])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['{request.tenant_name}', 'ténänt☃'],
  ['x-{request.id}-y', 'x-200-1-y'],
  ['{request.id}{request.labels[0]}', '200-1a'],
  ['{request.labels[1]}', 'b'],
  ['{request.labels}', "['a', 'b']"],
  ['{request.requestor_data[branch]}', 'main'],
  [
    '{request.requestor_data}',
    "{'branch': 'main', 'n': 1, 'q': \"it's\", 't': True, 'x': None, 'deep': {'l': [1, 'two']}, " +
      "'b\"q': 'it\\'s \"q\"', 'nl': 'a\\nb\\tc\\\\'}",
  ],
  ['{request.requestor_data[deep][l][1]}', 'two'],
  ['{request.requestor_data[t]}', 'True'],
  ['{request.requestor_data[x]}', 'None'],
  ['{request.event_id}', 'None'],
  ['{request.relative_priority}', '3'],
  ['{request.created_time}', '1.5'],
  ['{{x}}', '{x}'],
  ['{{{request.id}}}', '{200-1}'],
  ['{request.id!r}', "'200-1'"],
  ['{request.requestor_data[q]!r}', '"it\'s"'],
  ['{request.requestor_data[b"q]!r}', "'it\\'s \"q\"'"],
  ['{request.requestor_data[nl]!r}', "'a\\nb\\tc\\\\'"],
  ['{request.id!s:>8}', '   200-1'],
  ['{request.id:>8}', '   200-1'],
  ['{request.id:*^9}', '**200-1**'],
  ['{request.id:*^10}', '**200-1***'],
  ['{request.id:<8}|', '200-1   |'],
  ['{request.id:8}|', '200-1   |'],
  ['{request.id:.3}', '200'],
  ['{request.id:6.3s}|', '200   |'],
  ['{request.id:☃>8}', '☃☃☃200-1'],
  ['{request.id:>}', '200-1'],
  ['{request.id:}', '200-1'],
  ['{request.tenant_name:.3}', 'tén'],
  ['{request.relative_priority:>5}', '    3'],
  ['{request.nothing}', null],
  ['{request.labels[2]}', null],
  ['{request.labels[x]}', null],
  ['{request.labels[-1]}', null],
  ['{request.requestor_data[missing]}', null],
  ['{request.requestor_data[toString]}', null],
  ['{other}', null],
  ['{}', null],
  ['{0}', null],
  ['{', null],
  ['}', null],
  ['{request.id', null],
  ['{request.id:d}', null],
  ['{request.id!x}', null],
  ['{request.id:{request.id}}', null],
];

describe('a template over a request', () => {
  for (const [template, expected] of PYTHON)
    it(`is formatted as by Python: ${template || 'nothing'}`, () => {
      const found = formatTemplate(template, request);
      assert.equal(found.ok ? found.text : null, expected);
    });

  it('says what is wrong with it', () => {
    const found = formatTemplate('a {request.labels[9]}', request);
    assert.deepEqual(found, { ok: false, reason: '{request.labels[9]}: there is no [9]' });
  });

  it('makes no text without end', () => {
    const found = formatTemplate('{request.id:>999999999}', request);
    assert.equal(found.ok && found.text.length, 1024);
  });

  it('never throws, and leaves text without braces as it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, inner) => {
        formatTemplate(`${text}{request.${inner}}`, request);
        const plain = text.replaceAll(/[{}]/g, '');
        assert.deepEqual(formatTemplate(plain, {}), { ok: true, text: plain });
        const doubled = text.replaceAll(/[{}]/g, '$&$&');
        assert.deepEqual(formatTemplate(doubled, {}), { ok: true, text });
      }),
    );
  });
});
