import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { LabelBook } from '../../../../launcher/providers/label-facts.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { silentLogger, type Logger } from '../../../../shared/base/log.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const CONFIG = providerConfig(`
name: cloud
driver: openstack
cloud: x
cloud-images: [{name: debian}]
pools:
  - name: main
    labels:
      - {name: small, cloud-image: debian, flavor-name: s}
      - {name: large, cloud-image: debian, flavor-name: l}
`);
const NEED: Quota = { instances: 1 };

describe('what labels of a provider take', () => {
  let clock: ManualClock;
  let answers: Map<string, () => Promise<Quota>>;
  let asked: string[];
  let online: number;
  let logged: Readonly<Record<string, unknown>>[];
  let closing: AbortController;
  beforeEach(() => {
    clock = new ManualClock();
    [asked, online, logged] = [[], 0, []];
    answers = new Map();
    closing = new AbortController();
  });

  async function open(): Promise<LabelBook> {
    const connection = {
      quotaForLabel: ({ name }: { name: string }) => {
        asked.push(name);
        return answers.get(name)?.() ?? Promise.resolve(NEED);
      },
    } as unknown as Provider;
    const log: Logger = {
      ...silentLogger,
      error: (_, fields) => {
        logged.push(fields ?? {});
      },
    };
    const book = new LabelBook({
      ...{ config: CONFIG, connection, clock, log, checkSeconds: 300 },
      signal: closing.signal,
      onOnline: () => online++,
    });
    await book.prepare(new AbortController().signal);
    return book;
  }

  const refuse = (text: string) => (): Promise<Quota> =>
    Promise.reject(new CloudError('NP_CLOUD_FATAL', text));

  it('asks once for each, and never again where all can be had', async () => {
    const book = await open();
    assert.deepEqual(book.of('main', 'large'), { need: NEED, offline: undefined });
    assert.equal(book.of('other', 'large').offline, 'not configured');
    assert.equal(clock.pending, 0);
    assert.deepEqual(asked, ['small', 'large']);
  });

  it('says once why one is offline and where it stands, and asks again until it can be had', async () => {
    answers.set('large', refuse('no flavor l'));
    const book = await open();
    assert.equal(book.of('main', 'large').offline, 'no flavor l');
    assert.equal(book.of('main', 'small').offline, undefined);
    await clock.advance(600_000);
    assert.equal(logged.length, 1);
    assert.equal(logged[0]?.place, 'section:pools.0.labels.1');
    assert.deepEqual(asked.slice(2), ['large', 'large'], 'only what is offline is asked for');
    answers.set('large', refuse('no network n'));
    await clock.advance(300_000);
    assert.equal(book.of('main', 'large').offline, 'no network n');
    assert.equal(logged.length, 2, 'another reason');
    answers.clear();
    await clock.advance(300_000);
    assert.deepEqual(book.of('main', 'large'), { need: NEED, offline: undefined });
    assert.deepEqual([online, clock.pending], [1, 0]);
  });

  it('keeps what it knew while the cloud fails, and looks later', async () => {
    answers.set('large', refuse('no flavor l'));
    const book = await open();
    answers.set('large', () => Promise.reject(new CloudError('NP_CLOUD_TRANSIENT', 'away')));
    await clock.advance(300_000);
    assert.equal(book.of('main', 'large').offline, 'no flavor l');
    answers.clear();
    await clock.advance(300_000);
    assert.equal(online, 1);
  });

  it('rejects where the cloud fails at the start', async () => {
    answers.set('small', () => Promise.reject(new CloudError('NP_CLOUD_TRANSIENT', 'away')));
    await assert.rejects(open(), /away/);
  });

  it('looks for nothing after its end', async () => {
    answers.set('large', refuse('no flavor l'));
    const book = await open();
    closing.abort();
    book.close();
    assert.equal(clock.pending, 0);
  });
});
