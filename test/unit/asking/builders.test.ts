import assert from 'node:assert/strict';

import { builderUrls } from '../../../shared/asking/builders.ts';
import { good } from '../config/load-text.ts';

describe('where the web servers of builders are', () => {
  const urls = (hosts: readonly string[], web = '{}', own = 'desk'): string[] =>
    builderUrls(hosts, good(`extensions: {builder: {web: ${web}}}`), own);

  it('is on their hosts, at the port of our own configuration', () => {
    assert.deepEqual(urls(['b2.example.org', 'b1', 'b1'], '{port: 80}'), [
      'http://b1:80',
      'http://b2.example.org:80',
    ]);
  });

  it('is the address of the configuration for the own machine, by its short and its full name', () => {
    assert.deepEqual(urls(['desk', 'desk.example.org']), ['http://127.0.0.1:8006']);
    assert.deepEqual(urls(['desk.example.org'], '{listen-address: "::"}'), [
      'http://localhost:8006',
    ]);
    assert.deepEqual(urls(['desk'], '{}', 'desk.example.org'), ['http://desk:8006']);
  });
});
