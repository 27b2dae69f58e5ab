import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import fc from 'fast-check';

import {
  buildLogName,
  isLogKey,
  parseFullBuildId,
  parseLogName,
} from '../../../shared/build-logs/names.ts';

const ID = '0123456789abcdef0123456789abcdef';

describe('names of logs of builds', () => {
  const digits = (base: number, length: number) =>
    fc
      .array(fc.nat(base - 1), { minLength: length, maxLength: length })
      .map((all) => all.map((one) => one.toString(16)).join(''));
  const build = fc.oneof(digits(16, 32), digits(10, 10));
  const image = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !/[/\0\n]/.test(text));

  const hostile = fc.string({ unit: fc.constantFrom('/', '.', '\\', '\0', '\n', '%', 'ü', 'a') });

  it('are read back, whatever the image is called', () => {
    fc.assert(
      fc.property(image, build, (name, id) => {
        const key = { image: name, build: id };
        assert.deepEqual(parseLogName(buildLogName(key)), key);
        assert.deepEqual(parseFullBuildId(`${name}-${id}`), key);
      }),
    );
  });

  it('name only files of the folder itself', () => {
    fc.assert(
      fc.property(hostile, fc.oneof(hostile, build), (name, id) => {
        const key = { image: name, build: id };
        if (!isLogKey(key)) return;
        const path = join('/logs', buildLogName(key));
        assert.equal(path, `/logs/${basename(path)}`);
      }),
    );
    for (const name of ['..', '.', 'ubuntu-noble', 'ünïcode']) {
      assert.ok(isLogKey({ image: name, build: ID }), name);
      assert.equal(
        join('/logs', buildLogName({ image: name, build: ID })),
        `/logs/${name}-${ID}.log`,
      );
    }
    for (const name of ['', '../x', '/etc/passwd', 'a/b', 'a\0b', 'x'.repeat(250)])
      assert.ok(!isLogKey({ image: name, build: ID }), name);
    for (const id of ['', '1', '..', `${ID}/../x`, ID.toUpperCase(), `${ID}\n`, '../../etc/passwd'])
      assert.ok(!isLogKey({ image: 'debian', build: id }), id);
  });

  it('are nothing else', () => {
    for (const name of ['debian.log', `debian-${ID}`, `-${ID}.log`, `debian-${ID}.log.1`, ''])
      assert.equal(parseLogName(name), undefined, name);
  });
});
