import assert from 'node:assert/strict';

import { parseYaml } from '../../../shared/config/yaml/parse.ts';
import type { ParsedYaml } from '../../../shared/config/yaml/parse.ts';

function messages(parsed: ParsedYaml): string[] {
  return parsed.findings.map(
    ({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`,
  );
}

describe('parseYaml', () => {
  it('takes the last of equal keys and warns with both places', () => {
    const parsed = parseYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n');
    assert.deepEqual(parsed.value, { a: 3, b: { c: 2 } });
    assert.deepEqual(messages(parsed), [
      'warning 4:3 stands twice: this one is taken, the one at line 3, column 3 is not',
      'warning 5:1 stands twice: this one is taken, the one at line 1, column 1 is not',
    ]);
  });

  it('shares what an alias refers to', () => {
    const { value } = parseYaml('a: &x {k: [1, 2]}\nb: *x\n');
    assert.deepEqual(value, { a: { k: [1, 2] }, b: { k: [1, 2] } });
  });

  it('merges mappings under the own keys, the first of several first', () => {
    const { value, findings } = parseYaml(
      'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  y: 3\n  <<: [*a, *b]\nd:\n  <<: *b\n',
    );
    assert.deepEqual(value, {
      a: { x: 1, y: 1 },
      b: { x: 2, z: 2 },
      c: { x: 1, y: 3, z: 2 },
      d: { x: 2, z: 2 },
    });
    assert.deepEqual(findings, []);
  });

  it('takes << in quotes for an ordinary key', () => {
    assert.deepEqual(parseYaml('"<<": {a: 1}').value, { '<<': { a: 1 } });
  });

  it('refuses to merge what is no mapping', () => {
    assert.deepEqual(messages(parseYaml('a:\n  <<: 3\n')), [
      'error 2:7 merges (<<) what is no mapping',
    ]);
  });

  it('reads quoted scalars as text', () => {
    assert.deepEqual(parseYaml(`[ '1', "yes", !!str 010, !!int "8", ! 9 ]`).value, [
      '1',
      'yes',
      '010',
      8,
      '9',
    ]);
  });

  it('refuses tags that PyYAML does not know', () => {
    assert.deepEqual(messages(parseYaml('a: !vault x\nb: !!int abc\nc: !foo {a: 1}\n')), [
      'error 1:11 has a YAML tag that does not fit it',
      'error 2:10 has a YAML tag that does not fit it',
      'error 3:9 has a YAML tag that no option understands',
    ]);
  });

  it('keeps names that mean something to JavaScript as ordinary keys', () => {
    const { value } = parseYaml('__proto__: {polluted: 1}\nconstructor: 2\n');
    assert.deepEqual(Object.keys(value as object), ['__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('refuses an anchor within itself', () => {
    assert.deepEqual(messages(parseYaml('a: &x [*x]\n')), ['error 1:8 refers to itself']);
  });

  it('refuses an alias without an anchor', () => {
    assert.equal(parseYaml('a: *x\n').findings[0]?.severity, 'error');
  });

  it('refuses a bomb of aliases at once', () => {
    const levels = Array.from({ length: 20 }, (_, level) => {
      const refers = Array.from({ length: 10 }, () => `*a${level}`).join(', ');
      return `a${level + 1}: &a${level + 1} [${refers}]`;
    });
    const parsed = parseYaml(['a0: &a0 [x]', ...levels, 'end: 1'].join('\n'));
    assert.ok(parsed.findings.some(({ message }) => message === 'is too large'));
  });

  it('refuses nesting that no configuration has', () => {
    for (const depth of [200, 20_000]) {
      const parsed = parseYaml(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`);
      assert.ok(
        parsed.findings.some(({ message }) => message.includes('nested too deeply')),
        String(depth),
      );
    }
  });

  it('says where a syntax error is, but repeats nothing of the text', () => {
    const parsed = parseYaml('a: 1\npassword: "hunter2\n  b: {\n');
    assert.equal(parsed.value, undefined);
    assert.ok(parsed.findings.length > 0);
    for (const { message, line } of parsed.findings) {
      assert.ok(!message.includes('hunter2'));
      assert.ok(line >= 1);
    }
  });

  it('refuses a second document', () => {
    assert.match(
      parseYaml('a: 1\n---\nb: 2\n').findings[0]?.message ?? '',
      /one file is one document/,
    );
  });

  describe('place', () => {
    const parsed = parseYaml(
      'a:\n  - x: 1\n    y: &y\n      z: 2\n  - <<: *q\nb: *y\n'.replace('*q', '{m: 4}'),
    );

    it('finds values, keys and entries of lists', () => {
      assert.deepEqual(parsed.place(['a', 0, 'x'], 'value'), { line: 2, column: 8 });
      assert.deepEqual(parsed.place(['a', 0, 'x'], 'key'), { line: 2, column: 5 });
      assert.deepEqual(parsed.place(['a', 0], 'value'), { line: 2, column: 5 });
    });

    it('follows aliases and merge keys', () => {
      assert.deepEqual(parsed.place(['b', 'z'], 'value'), { line: 4, column: 10 });
      assert.deepEqual(parsed.place(['a', 1, 'm'], 'value'), { line: 5, column: 13 });
    });

    it('stays at the last thing that exists', () => {
      assert.deepEqual(parsed.place(['a', 0, 'no', 'such'], 'value'), { line: 2, column: 5 });
      assert.deepEqual(parsed.place(['nothing'], 'key'), { line: 1, column: 1 });
    });
  });
});
