import assert from 'node:assert/strict';

import { describeFound } from '../../../shared/config/found.ts';
import { findings, good, loadText } from './load-text.ts';

const provider = `
labels:
  - name: small
providers:
  - name: one
    driver: openstack
    cloud: c
    cloud-images:
      - name: img
    pools:
      - name: main
        labels:
          - name: small
            cloud-image: img
            flavor-name: tiny
`;

describe('problems of a configuration', () => {
  it('come all in one go, each with its place', () => {
    const { config, lines } = loadText(`labels:
  - name: small
  - min-ready: x
providers:
  - name: one
    driver: opensatck
  - name: two
    cloud: c
    pools:
      - name: main
        max-servers: [1]
        labels:
          - name: samll
            cloud-image: img
            flavor-name: tiny
zookeeper-tls:
  cert: a
`);
    assert.equal(config, undefined);
    assert.deepEqual(lines, [
      '3:5: labels[1].name: is missing',
      '3:16: labels[1].min-ready: must be a whole number; found text "x"',
      '6:13: providers[0].driver: opensatck is no driver that is known here; did you mean openstack?',
      '11:22: providers[1].pools[0].max-servers: must be a whole number; found a list',
      '13:19: providers[1].pools[0].labels[0].name: label samll is not in the top-level list of labels',
      "14:26: providers[1].pools[0].labels[0].cloud-image: cloud image img is not among this provider's cloud-images",
      '17:3: zookeeper-tls.key: is missing: TLS takes cert, key and ca',
      '17:3: zookeeper-tls.ca: is missing: TLS takes cert, key and ca',
    ]);
  });

  it('suggest the option that was meant, and do not refuse the file for it', () => {
    const loaded = loadText(
      provider
        .replace('flavor-name', 'flavour-name')
        .replace('cloud: c', 'cloud: c\n    max-concurency: 3'),
    );
    assert.ok(loaded.config);
    assert.deepEqual(findings(loaded, 'strict'), [
      'providers[0].max-concurency: is no option that is known here; did you mean max-concurrency?',
      'providers[0].pools[0].labels[0]: needs min-ram or flavor-name',
      'providers[0].pools[0].labels[0].flavour-name: is no option that is known here; did you mean flavor-name?',
    ]);
    assert.equal(loaded.config.providers.get('one')?.maxConcurrency, Infinity);
  });

  it('are the same for a provider that is an alias', () => {
    const loaded = loadText('labels: []\nproviders:\n- &a {name: one, cloud: c, pols: []}\n- *a\n');
    assert.deepEqual(findings(loaded, 'strict'), [
      'providers[0].pols: is no option that is known here; did you mean pools?',
      'providers[1].pols: is no option that is known here; did you mean pools?',
    ]);
  });

  it('refuse what is no mapping at all', () => {
    for (const text of ['', '~', '[]', '3', 'just text', '# nothing\n'])
      assert.equal(loadText(text).config, undefined, text);
  });

  it('name the file of the secure part', () => {
    const loaded = loadText('labels: []', { secure: 'zookeeper-servers:\n  - port: x\n' });
    assert.deepEqual(loaded.lines, [
      'secure.yaml:2:5: zookeeper-servers[0].host: is missing',
      'secure.yaml:2:11: zookeeper-servers[0].port: must be a whole number; found text "x"',
    ]);
  });

  it('are counted, not listed, beyond what anybody reads', () => {
    const text = `labels:\n${Array.from({ length: 2000 }, () => '  - nam: x\n').join('')}`;
    const { problems } = loadText(text);
    assert.ok(problems.length <= 501);
    assert.match(problems.at(-1)?.message ?? '', /^and \d+ more$/);
  });
});

describe('values that the original reads although its validator would not', () => {
  /** The value of an option in the first provider's only pool, and what is said about it. */
  function inPool(option: string) {
    const loaded = loadText(provider.replace('- name: main', `- name: main\n        ${option}`));
    const pool = loaded.config?.providers.get('one')?.pools[0];
    return { pool, strict: findings(loaded, 'strict') };
  }

  it('numbers in quotes count as numbers', () => {
    const { pool, strict } = inPool("max-servers: '12'");
    assert.equal(pool?.limits.instances, 12);
    assert.equal(strict.length, 1);
  });

  it('any text counts as true', () => {
    const { pool, strict } = inPool('host-key-checking: "no"');
    assert.equal(pool?.labels.get('small')?.hostKeyChecking, true);
    assert.deepEqual(strict, [
      'providers[0].pools[0].host-key-checking: is text "no", where true or false is wanted: it counts as true',
    ]);
  });

  it('null counts as absent', () => {
    const { pool, strict } = inPool('max-servers:');
    assert.deepEqual(pool?.limits, {});
    assert.equal(strict.length, 1);
  });

  it('null is refused where the original walks through a list', () => {
    const loaded = loadText('providers: [{name: one, cloud: c, pools: [{name: p, labels: }]}]');
    assert.deepEqual(findings(loaded, 'error'), [
      'providers[0].pools[0].labels: is empty: give it a list or leave it out',
    ]);
  });

  it('an infinite limit is none', () => {
    const { pool } = inPool('max-servers: .inf');
    assert.deepEqual(pool?.limits, {});
  });

  it('a number counts as text', () => {
    const config = good('labels:\n  - name: 8\n    min-ready: 1\n');
    assert.deepEqual([...config.labels.keys()], ['8']);
  });

  it('top-level lists may be empty', () => {
    const { config } = loadText(
      'labels:\nproviders:\ndiskimages:\nzookeeper-servers:\nwebapp:\ntenant-resource-limits:\nmax-hold-age:\n',
    );
    assert.ok(config);
    assert.equal(config.webapp.port, 8005);
  });
});

describe('secrets', () => {
  const word = 'hunter2';

  it('are not shown, whatever is wrong with them', () => {
    const texts = [
      `labels: []\ndiskimages: [{name: a, env-vars: {PASSWORD: [${word}]}}]`,
      `labels: []\ndiskimages: [{name: a, env-vars: ${word}}]`,
      `providers: [{name: a, driver: azure, cloud-images: [{name: i, username: u, password: {${word}: 1}}]}]`,
      `providers: [{name: a, driver: azure, cloud-images: [{name: i, username: u, password: [${word}]}]}]`,
      `zookeeper-tls: {key: [${word}]}`,
      `providers: [{name: a, cloud: c, rate: "${word}", pools: "%(NODEPOOL_P)"}]`,
      `password: "${word}\n  a: {`,
      `password: !secret ${word}`,
      `- a: *${word}`,
    ];
    for (const text of texts) {
      const { config, lines } = loadText(
        text.replaceAll(`rate: "${word}"`, 'rate: "%(NODEPOOL_P)"'),
        {
          environment: { NODEPOOL_P: word },
        },
      );
      assert.equal(config, undefined, text);
      assert.ok(!lines.join('\n').includes(word), lines.join('\n'));
    }
  });

  it('are not shown where only the schema knows that they are', () => {
    const hidden = describeFound(word, ['providers', 0, 'plain'], { isSecret: true });
    assert.equal(hidden, 'a text');
    assert.equal(describeFound(word, ['providers', 0, 'plain']), 'text "hunter2"');
  });
});
