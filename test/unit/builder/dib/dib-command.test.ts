import assert from 'node:assert/strict';

import { dibCommand, type DibInput } from '../../../../builder/dib/dib-command.ts';
import { splitWords } from '../../../../builder/dib/split-words.ts';

describe('words of a command line', () => {
  // Expectations: Python's shlex.split.
  for (const [line, words] of [
    ['', []],
    ['  a  b\tc\n', ['a', 'b', 'c']],
    [`a 'b c' "d e"f`, ['a', 'b c', 'd ef']],
    [`'' ""`, ['', '']],
    ['a\\ b \\"', ['a b', '"']],
    [`"a\\"b\\\\c\\d" 'e\\f'`, ['a"b\\c\\d', 'e\\f']],
    ['$HOME | x; y > z # no comment', ['$HOME', '|', 'x;', 'y', '>', 'z', '#', 'no', 'comment']],
  ] as const)
    it(`of ${JSON.stringify(line)}`, () => {
      assert.deepEqual(splitWords(line), words);
    });

  it('are none where a quotation or an escape does not end', () => {
    for (const line of [`'a`, `a "b`, 'a\\']) assert.throws(() => splitWords(line), /does not end/);
  });
});

describe('the command for diskimage-builder', () => {
  const input: DibInput = {
    image: {
      name: 'debian',
      dibCmd: 'disk-image-create',
      elements: ['vm', 'debian  simple-init'],
      release: 'bookworm',
      envVars: {},
    },
    formats: ['raw', 'qcow2'],
    output: '/images/debian-1',
    elementsDir: '/elements',
    packageDir: '/ours',
  };

  it('is that of the original', () => {
    const { words, environment } = dibCommand(input);
    assert.equal(
      words.join(' '),
      'disk-image-create -x -t qcow2,raw --checksum --no-tmpfs --qemu-img-options compat=0.10 ' +
        '-o /images/debian-1 vm debian simple-init',
    );
    assert.deepEqual(environment, {
      DIB_RELEASE: 'bookworm',
      DIB_IMAGE_NAME: 'debian',
      DIB_IMAGE_FILENAME: '/images/debian-1',
      ELEMENTS_PATH: '/elements',
    });
  });

  it('has no options of qcow2 for other formats, and no path of elements that are nowhere', () => {
    const { words, environment } = dibCommand({
      ...{ ...input, formats: ['raw'], elementsDir: undefined },
    });
    assert.ok(!words.includes('--qemu-img-options'));
    assert.ok(!('ELEMENTS_PATH' in environment));
  });

  it('may be another program, with arguments, and a path of ours', () => {
    const image = { ...input.image, dibCmd: `%p/build "an argument"` };
    const { words } = dibCommand({ ...input, image, output: '/a b/c' });
    assert.deepEqual(words.slice(0, 3), ['/ours/build', 'an argument', '-x']);
    assert.ok(words.includes('/a b/c'), 'a path with a blank is one word');
  });

  it('lets env-vars stand over everything, and shows none of them', () => {
    const image = { ...input.image, envVars: { DIB_RELEASE: 'sid', TOKEN: 'secret' } };
    const { words, environment } = dibCommand({ ...input, image });
    assert.deepEqual([environment.DIB_RELEASE, environment.TOKEN], ['sid', 'secret']);
    assert.ok(!words.join(' ').includes('secret'));
  });
});
