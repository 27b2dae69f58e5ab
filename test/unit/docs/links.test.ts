/** Relative links and the commands that the documentation names exist. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');

async function pages(): Promise<string[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true });
  return ['README.md', 'CHANGELOG.md', ...inDocs.map((name) => `docs/${name}`)].filter((name) =>
    name.endsWith('.md'),
  );
}

describe('the documentation', () => {
  it('links only to what is there', async () => {
    for (const page of await pages()) {
      const text = await readFile(join(root, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g))
        assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`);
    }
  });

  it('names only npm scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const page of await pages()) {
      const text = await readFile(join(root, page), 'utf8');
      for (const [, script = ''] of text.matchAll(/npm run ([a-z][\w:-]*)/g))
        assert.ok(script in scripts, `${page}: npm run ${script}`);
    }
  });
});
