import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { parseAside } from '../../../shared/config/aside/parse.ts';
import { Assembly, portionsOf } from '../../../shared/config/aside/portions.ts';
import { parseConfig } from '../../../shared/config/parse.ts';
import type { ParseOptions, ParseResult } from '../../../shared/config/parse.ts';
import { InvalidConfigError } from '../../../shared/config/problem.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/configs');

function options(text: string): ParseOptions {
  return { path: 'main.yaml', environment: { NODEPOOL_X: 'from-outside' }, texts: [text] };
}

const refusalOf = (error: unknown): InvalidConfigError => {
  if (error instanceof InvalidConfigError) return error;
  throw error;
};

function atOnce(input: ParseOptions): ParseResult | InvalidConfigError {
  try {
    return parseConfig(input);
  } catch (error) {
    return refusalOf(error);
  }
}

/** What came, or why it was refused. */
function outcome(result: ParseResult | InvalidConfigError): unknown {
  if (!(result instanceof InvalidConfigError)) return result;
  const { name, code, message, problems, digest } = result;
  return { name, code, message, problems, digest };
}

const program = (source: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(source)}`);

const THREAD = new URL('./aside-thread.js', import.meta.url);

describe('a configuration parsed aside', () => {
  it('comes through a thread as it is, good or refused', async () => {
    for (const text of [await readFile(join(FIXTURES, 'openshift.yaml'), 'utf8'), 'labels: 1']) {
      const input = options(text);
      const actual = await parseAside(input, { program: THREAD }).catch(refusalOf);
      assert.ok(isDeepStrictEqual(outcome(actual), outcome(atOnce(input))), text);
    }
  });

  it('is the same in portions for every driver', async () => {
    const files = (await readdir(FIXTURES)).filter((name) => name.endsWith('.yaml'));
    assert.ok(files.length > 5);
    for (const name of files) {
      const whole = parseConfig(options(await readFile(join(FIXTURES, name), 'utf8')));
      const assembly = new Assembly();
      let joined: ParseResult | undefined;
      for (const portion of portionsOf(whole)) joined = assembly.add(structuredClone(portion));
      assert.ok(isDeepStrictEqual(joined, whole), name);
    }
  });

  it('keeps the sections of providers that are equal in the one before', async () => {
    const text = await readFile(join(FIXTURES, 'fake.yaml'), 'utf8');
    const { config: before } = parseConfig(options(text));
    const joined = (whole: ParseResult): ParseResult => {
      const assembly = new Assembly(before);
      return [...portionsOf(structuredClone(whole))].reduce(
        (_, portion) => assembly.add(portion) ?? whole,
        whole,
      );
    };
    const same = joined(parseConfig(options(text)));
    assert.ok(before.providers.size > 0);
    for (const [name, { raw }] of before.providers)
      assert.equal(same.config.providers.get(name)?.raw, raw);
    const changed = text.replaceAll(/max-servers: \d+/g, 'max-servers: 77');
    assert.notEqual(changed, text);
    const other = parseConfig(options(changed));
    assert.ok(isDeepStrictEqual(joined(other), other));
  });

  it('is frozen as deeply', async () => {
    const text = [
      'labels: [{name: a}]',
      'zookeeper-servers: [{host: "%(NODEPOOL_X)"}]',
      'providers: [{name: p, driver: static, pools: [{name: q, nodes: []}]}]',
    ].join('\n');
    const { config } = await parseAside(options(text), { program: THREAD });
    const provider = config.providers.get('p');
    assert.equal(config.zookeeper.servers[0]?.host, 'from-outside');
    assert.ok(provider);
    for (const one of [config, config.labels, config.zookeeper.servers, provider, provider.pools])
      assert.ok(Object.isFrozen(one));
    const providers = config.providers as Map<string, typeof provider>;
    assert.throws(() => providers.set('r', provider), TypeError);
    assert.throws(() => {
      (config.labels as Map<string, unknown>).clear();
    }, TypeError);
  });

  it('is told as unreadable where its thread ends or fails', async () => {
    for (const [source, reason] of [
      ['process.exit(3)', 'the thread that reads it ended'],
      ['throw new Error("no room")', 'no room'],
    ] as const) {
      const error = await parseAside(options(''), { program: program(source) }).then(
        () => assert.fail('it came to an end'),
        refusalOf,
      );
      assert.equal(error.code, 'NP_CONFIG_UNREADABLE');
      assert.equal(error.problems[0]?.message, `cannot be read: ${reason}`);
    }
  });

  it('is given up with its signal', async () => {
    const controller = new AbortController();
    const endless = program('setInterval(() => undefined, 1000)');
    const parsing = parseAside(options(''), { program: endless, signal: controller.signal });
    const reason = new Error('not wanted any more');
    controller.abort(reason);
    await assert.rejects(parsing, (error: Error) => error.cause === reason);
  });
});
