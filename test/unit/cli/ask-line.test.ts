import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { askLine } from '../../../shared/cli/ask-line.ts';

describe('a question on a terminal', () => {
  const ask = (text: string | undefined, isEnd: boolean): Promise<string | undefined> => {
    const input = new PassThrough();
    if (text !== undefined) input.write(text);
    if (isEnd) input.end();
    return askLine('Sure? ', input, new PassThrough(), new AbortController().signal);
  };

  it('is printed as it is, and answered by the first line', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const answer = askLine('Sure? ', input, output, new AbortController().signal);
    assert.equal(String(output.read()), 'Sure? ');
    input.write('y\nn\n');
    assert.equal(await answer, 'y');
  });

  it('is answered by a line that the end of the input cuts off', async () => {
    assert.equal(await ask('y', true), 'y');
    assert.equal(await ask('\n', true), '');
  });

  it('has no answer where the input has ended', async () => {
    assert.equal(await ask(undefined, true), undefined);
  });

  it('ends when the user interrupts', async () => {
    const controller = new AbortController();
    const answer = askLine('?', new PassThrough(), new PassThrough(), controller.signal);
    controller.abort(new Error('interrupted'));
    await assert.rejects(answer, { code: 'NP_ABORTED' });
  });

  it('fails where the input does', async () => {
    const input = new PassThrough();
    const answer = askLine('?', input, new PassThrough(), new AbortController().signal);
    input.destroy(new Error('broken'));
    await assert.rejects(answer, /broken/);
  });
});
