/** Code that a page quotes from a file stands in that file, as it is quoted. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

describe('docs/driver-author.md', () => {
  it('quotes code as it stands in its file', async () => {
    const page = await readFile(join(root, 'docs/driver-author.md'), 'utf8');
    const quotes = [...page.matchAll(/<!-- from (\S+) -->\n+```ts\n(.*?)\n```/gs)];
    assert.ok(quotes.length >= 5, 'quotes are found');
    for (const [, path = '', code = ''] of quotes) {
      const text = await readFile(join(root, path), 'utf8');
      assert.ok(text.includes(code), `${path} has changed: quote it anew\n${code}`);
    }
  });

  it('quotes nothing without saying from where', async () => {
    const page = await readFile(join(root, 'docs/driver-author.md'), 'utf8');
    const blocks = page.split('```ts').length - 1;
    assert.equal(page.split('<!-- from ').length - 1, blocks);
  });
});
