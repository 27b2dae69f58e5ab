import assert from 'node:assert/strict';
import fc from 'fast-check';

import { imageDataText, parseImageData } from '../../../../shared/cli/image-data/format.ts';

const BUILD = '/nodepool/images/trixie/builds/abc';
const UPLOAD = `${BUILD}/providers/cloud/images/0000000001`;
const record = JSON.stringify({ state: 'ready', state_time: 1 });

const parse = (value: unknown) => parseImageData(Buffer.from(JSON.stringify(value)));

describe('a file of image data', () => {
  it('is one line of JSON as Python writes it', () => {
    assert.equal(
      imageDataText([
        ['/nodepool/images/ü/pause', ''],
        [BUILD, '{"a": 1}'],
      ]),
      `{"/nodepool/images/\\u00fc/pause": "", "${BUILD}": "{\\"a\\": 1}"}`,
    );
  });

  it('is sorted into pauses, builds and uploads', () => {
    const pause = '/nodepool/images/trixie/pause';
    const { data, problems, remarks } = parse({
      [UPLOAD]: record,
      [BUILD]: record,
      [pause]: '',
    });
    assert.deepEqual([problems, remarks], [[], []]);
    assert.deepEqual(data, {
      pauses: [{ path: pause, data: Buffer.from('') }],
      builds: [{ path: BUILD, data: Buffer.from(record) }],
      uploads: [{ path: UPLOAD, data: Buffer.from(record) }],
    });
  });

  it('may be empty', () => {
    assert.deepEqual(parse({}).problems, []);
  });

  it('keeps any text and any names', () => {
    const name = fc
      .stringMatching(/^[\w.+ äß-]{1,12}$/)
      .filter((one) => !/^\.\.?$|^lock$/.test(one));
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'binary' })), (texts) => {
        const entries = Object.entries(texts).map(
          ([image, text]) => [`/nodepool/images/${image}/builds/x`, text] as const,
        );
        const { data, problems } = parseImageData(Buffer.from(imageDataText(entries)));
        assert.deepEqual(problems, []);
        assert.deepEqual(
          data.builds.map(({ path, data: bytes }) => [path, bytes.toString()]),
          entries.map(([path, text]) => [path, text]),
        );
      }),
    );
  });

  for (const [what, file] of [
    ['nothing', ''],
    ['half a file', '{"/nodepool'],
    ['what an overwritten file leaves behind', '{}"}'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a list', '[]'],
    ['null', 'null'],
    ['text', '"text"'],
  ] as const)
    it(`is not ${what}`, () => {
      const { problems } = parseImageData(Buffer.from(file));
      assert.equal(problems.length, 1);
      assert.match(String(problems[0]), /^it (is no JSON: |must be a JSON object)/);
    });

  for (const path of [
    '/nodepool/nodes/0000000001',
    '/nodepool/images',
    '/nodepool/images/trixie',
    '/nodepool/images/trixie/request-build',
    '/nodepool/images/trixie/builds',
    '/nodepool/images/trixie/builds/lock',
    '/nodepool/images/../builds/abc',
    '/nodepool/images/a\u0000/builds/abc',
    '/nodepool/images/😀/builds/abc',
    '/nodepool/images//pause',
    `${BUILD}/lock`,
    `${BUILD}/providers/cloud/images/lock`,
    `${BUILD}/providers/cloud/images/1`,
    `${UPLOAD}/lock`,
    `/x${BUILD}`,
    `${BUILD}/`,
    'nodepool/images/trixie/pause',
    '',
  ])
    it(`has no path ${JSON.stringify(path)}`, () => {
      assert.deepEqual(parse({ [BUILD]: record, [path]: record }).problems, [
        `${path}: this is no path of a pause, a build or an upload below /nodepool/images`,
      ]);
    });

  for (const value of [null, 1, true, {}, []])
    it(`has no value ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parse({ [BUILD]: value }).problems, [`${BUILD}: its value must be text`]);
    });

  it('has no upload without its build', () => {
    assert.deepEqual(parse({ [UPLOAD]: record }).problems, [
      `${UPLOAD}: its build ${BUILD} is not in the file`,
    ]);
  });

  it('has no upload with a number beyond reason', () => {
    const path = UPLOAD.replace('0000000001', '2147483647');
    assert.deepEqual(parse({ [BUILD]: record, [path]: record }).problems, [
      `${path}: no upload has such a number`,
    ]);
  });

  it('tells all that is wrong at once', () => {
    assert.equal(parse({ '/a': '', '/b': '', [BUILD]: 1 }).problems.length, 3);
  });

  it('may hold what is no record, with a remark', () => {
    const { problems, remarks } = parse({ [BUILD]: '{', [UPLOAD]: '' });
    assert.deepEqual(problems, []);
    assert.deepEqual(remarks, [`${BUILD} holds no record; it is imported as it is`]);
  });
});
