import assert from 'node:assert/strict';

import {
  candidatesFor,
  decide,
  LEFT_TO_OTHERS_SECONDS,
} from '../../../../launcher/assignment/decide.ts';
import { MIN_READY_REQUESTOR } from '../../../../schemas/records/request.ts';
import {
  freeNode,
  MADE_AT,
  poolView,
  registered,
  request,
} from '../../../support/launcher-world.ts';
import { table } from './decision-table.ts';

const own = registered();
const other = registered({ id: 'other', provider: 'other-cloud' });
const better = registered({ id: 'better', provider: 'other-cloud', priority: 50 });
const full = { providerLimits: { instances: 2 }, providerUsed: { instances: 2 } };
const two = { node_types: ['small', 'small'] };

describe('decide', () => {
  describe('looks at waiting requests only', () => {
    table([
      { when: 'nothing is in the way', answer: 'accept' },
      { when: 'it is pending', request: { state: 'pending' }, answer: 'ignore' },
      { when: 'it is fulfilled', request: { state: 'fulfilled' }, answer: 'ignore' },
      { when: 'it has failed', request: { state: 'failed' }, answer: 'ignore' },
      { when: 'this pool has declined', request: { declined_by: ['own'] }, answer: 'ignore' },
      { when: 'another pool has declined', request: { declined_by: ['other'] }, answer: 'accept' },
      { when: 'it asks for no nodes', request: { node_types: [] }, answer: 'accept' },
    ]);
  });

  describe('yields to the preferred provider', () => {
    const wanted = { provider: 'other-cloud' };
    table([
      {
        when: 'it has a candidate',
        request: wanted,
        view: { registered: [own, other] },
        answer: 'defer: other-provider-preferred',
      },
      {
        when: 'the preferred provider is ours',
        request: { provider: 'cloud' },
        view: { registered: [own, other] },
        answer: 'accept',
      },
      {
        when: 'its pool is paused, as it waits there then',
        request: wanted,
        view: { registered: [own, { ...other, isPaused: true }] },
        answer: 'defer: other-provider-preferred',
      },
      {
        when: 'its pool is drained',
        request: wanted,
        view: { registered: [own, { ...other, isPaused: true, isDrained: true }] },
        answer: 'accept',
      },
      { when: 'it is not online', request: wanted, answer: 'accept' },
      {
        when: 'its pool lacks a label',
        request: wanted,
        view: { registered: [own, { ...other, labels: new Set(['large']) }] },
        answer: 'accept',
      },
      {
        when: 'its pool has declined',
        request: { ...wanted, declined_by: ['other'] },
        view: { registered: [own, other] },
        answer: 'accept',
      },
    ]);
  });

  describe('of a drained pool', () => {
    const drained = { drained: 'provider cloud is drained' };
    const ownDrained = { ...own, isPaused: true, isDrained: true };
    const preferred = { provider: 'cloud' };
    const later = { nowSeconds: MADE_AT + LEFT_TO_OTHERS_SECONDS };
    table([
      {
        when: 'nobody else has the label',
        view: { ...drained, registered: [ownDrained] },
        answer: 'defer: draining',
      },
      {
        when: 'another has the label, and takes it without being asked',
        view: { ...drained, registered: [ownDrained, other] },
        answer: 'defer: draining',
      },
      {
        when: 'its provider is asked for, and others may take it yet',
        request: preferred,
        view: { ...drained, registered: [ownDrained, other] },
        answer: 'defer: draining',
      },
      {
        when: 'its provider is asked for, and others leave the request to it',
        request: preferred,
        view: { ...drained, ...later, registered: [ownDrained, other] },
        answer: 'decline: provider-drained',
      },
      {
        when: 'its provider is asked for, and all others are drained, too',
        request: preferred,
        view: { ...drained, ...later, registered: [ownDrained, { ...other, isDrained: true }] },
        answer: 'defer: draining',
      },
      {
        when: 'its provider is asked for, and another launcher serves it',
        request: preferred,
        view: {
          ...{ ...drained, ...later },
          registered: [ownDrained, { ...own, id: 'elsewhere' }, other],
        },
        answer: 'defer: draining',
      },
      {
        when: 'it is for stock',
        request: { requestor: MIN_READY_REQUESTOR },
        view: { ...drained, registered: [ownDrained] },
        answer: 'decline: provider-drained',
      },
      {
        when: 'it never fits',
        view: { ...drained, providerLimits: { instances: 0 }, registered: [ownDrained] },
        answer: 'decline: never-fits',
      },
      {
        when: 'it lacks the label',
        view: { ...drained, labels: {}, registered: [] },
        answer: 'decline: label-missing',
      },
      {
        when: 'it lacks the label, and another has it',
        view: { ...drained, labels: {}, registered: [other] },
        answer: 'defer: other-pool-has-label',
      },
    ]);
  });

  describe('yields to pools of better priority', () => {
    table([
      {
        when: 'one is a candidate',
        view: { registered: [own, better] },
        answer: 'defer: better-pool',
      },
      {
        when: 'the better one is paused',
        view: { registered: [own, { ...better, isPaused: true }] },
        answer: 'accept',
      },
      {
        when: 'the better one has declined',
        request: { declined_by: ['better'] },
        view: { registered: [own, better] },
        answer: 'accept',
      },
      {
        when: 'the better one lacks the label',
        view: { registered: [own, { ...better, labels: new Set<string>() }] },
        answer: 'accept',
      },
      {
        when: 'the other has the same priority',
        view: { registered: [own, other] },
        answer: 'accept',
      },
      {
        when: 'the other has a worse priority',
        view: { registered: [own, { ...other, priority: 101 }] },
        answer: 'accept',
      },
      {
        when: 'the better one yields, as our provider is the preferred one',
        request: { provider: 'cloud' },
        view: { registered: [own, better] },
        answer: 'accept',
      },
      {
        when: 'the better one is of the preferred provider, too',
        request: { provider: 'cloud' },
        view: { registered: [own, { ...better, provider: 'cloud' }] },
        answer: 'defer: better-pool',
      },
    ]);
  });

  describe('leaves labels that it lacks to others', () => {
    const lacking = { labels: { large: {} } };
    table([
      {
        when: 'a candidate has them',
        view: { ...lacking, registered: [own, other] },
        answer: 'defer: other-pool-has-label',
      },
      {
        when: 'the candidate is paused',
        view: { ...lacking, registered: [{ ...other, isPaused: true }] },
        answer: 'defer: other-pool-has-label',
      },
      {
        when: 'no candidate is left',
        request: { declined_by: ['other'] },
        view: { ...lacking, registered: [other] },
        answer: 'decline: label-missing',
      },
      {
        when: 'nobody is online with them',
        view: { ...lacking, registered: [] },
        answer: 'decline: label-missing',
      },
      {
        when: 'only one of two is missing',
        request: { node_types: ['large', 'small'] },
        view: { ...lacking, registered: [] },
        answer: 'decline: label-missing',
      },
    ]);
  });

  describe('declines what it can never serve', () => {
    const need = { labels: { small: { need: { instances: 1, 'volume-gb': 100 } } } };
    table([
      {
        when: 'max-servers is 0',
        view: { poolLimits: { instances: 0 } },
        answer: 'decline: pool-disabled',
      },
      {
        when: 'max-servers is 0 and the labels are missing, too',
        view: { poolLimits: { instances: 0 }, labels: {}, registered: [] },
        answer: 'decline: pool-disabled',
      },
      {
        when: 'a label is offline',
        view: { labels: { small: { offline: 'no flavor' } } },
        answer: 'decline: label-offline',
      },
      {
        when: 'an image is missing',
        view: { labels: { small: { hasImage: false } } },
        answer: 'decline: image-missing',
      },
      {
        when: 'each label has a fault of its own',
        request: { node_types: ['small', 'large', 'tiny'] },
        view: {
          labels: { small: { hasImage: false }, large: { offline: 'no flavor' } },
          registered: [],
        },
        answer: 'decline: image-missing label-offline label-missing',
      },
      {
        when: 'a label with a fault is asked for twice',
        request: two,
        view: { labels: { small: { hasImage: false } } },
        answer: 'decline: image-missing',
      },
      {
        when: 'the cloud is too small even if it were empty',
        request: two,
        view: { providerLimits: { instances: 1 } },
        answer: 'decline: never-fits',
      },
      {
        when: 'the pool is too small even if it were empty',
        request: two,
        view: { poolLimits: { instances: 1 } },
        answer: 'decline: never-fits',
      },
      {
        when: 'both are too small',
        request: two,
        view: { poolLimits: { instances: 1 }, providerLimits: { instances: 1 } },
        answer: 'decline: never-fits never-fits',
      },
      {
        when: 'it needs more than max-volume-gb',
        request: two,
        view: { ...need, poolLimits: { 'volume-gb': 199 } },
        answer: 'decline: never-fits',
      },
      {
        when: 'it needs exactly what is there in all',
        request: two,
        view: { ...need, poolLimits: { 'volume-gb': 200, instances: 2 } },
        answer: 'accept',
      },
    ]);
  });

  describe('declines even while it could not accept', () => {
    const faulty = { labels: { small: { hasImage: false } } };
    table([
      {
        when: 'a request waits for quota in the pool',
        view: { ...faulty, isWaiting: true },
        answer: 'decline: image-missing',
      },
      {
        when: 'max-concurrency is reached',
        view: { ...faulty, maxConcurrency: 1, launching: 1 },
        answer: 'decline: image-missing',
      },
      {
        when: 'a pool of better priority might serve it: then not',
        view: { ...faulty, registered: [own, better] },
        answer: 'defer: better-pool',
      },
    ]);
  });

  describe('waits for the tenant', () => {
    const tenants = { acme: { limits: { instances: 3 }, used: { instances: 2 } } };
    const acme = { tenant_name: 'acme' };
    table([
      { when: 'one more fits', request: acme, view: { tenants }, answer: 'accept' },
      {
        when: 'two more do not fit',
        request: { ...two, ...acme },
        view: { tenants },
        answer: 'defer: tenant-quota',
      },
      {
        when: 'the tenant has no limits',
        request: { ...two, tenant_name: 'free' },
        view: { tenants },
        answer: 'accept',
      },
      { when: 'there is no tenant', request: two, view: { tenants }, answer: 'accept' },
      {
        when: 'the pool would decline, as the original asks for the tenant first',
        request: { ...two, ...acme },
        view: { tenants, labels: { small: { hasImage: false } } },
        answer: 'defer: tenant-quota',
      },
    ]);
  });

  describe('waits for its turn', () => {
    table([
      {
        when: 'a request waits for quota in the pool',
        view: { isWaiting: true },
        answer: 'defer: pool-waits-for-quota',
      },
      {
        when: 'max-concurrency is reached',
        view: { maxConcurrency: 3, launching: 3 },
        answer: 'defer: max-concurrency',
      },
      { when: 'one launch is left', view: { maxConcurrency: 3, launching: 2 }, answer: 'accept' },
      {
        when: 'max-concurrency is 0: the pool takes nothing',
        view: { maxConcurrency: 0 },
        answer: 'defer: max-concurrency',
      },
      {
        when: 'all of them are true at once',
        view: {
          isWaiting: true,
          maxConcurrency: 1,
          launching: 1,
          hosts: { small: 1 },
        },
        answer: 'defer: no-free-host pool-waits-for-quota max-concurrency',
      },
    ]);
  });

  describe('looks for room', () => {
    table([
      { when: 'there is none and nobody else', view: full, answer: 'accept and wait' },
      {
        when: 'there is none but another pool is open',
        view: { ...full, registered: [own, other] },
        answer: 'defer: quota-here-not-elsewhere',
      },
      {
        when: 'the others have left the request for so long that they have no room either',
        view: {
          ...full,
          registered: [own, other],
          nowSeconds: MADE_AT + LEFT_TO_OTHERS_SECONDS,
        },
        answer: 'accept and wait',
      },
      {
        when: 'there is none and the others are paused, too',
        view: { ...full, registered: [own, { ...other, isPaused: true }] },
        answer: 'accept and wait',
      },
      {
        when: 'the other has declined',
        request: { declined_by: ['other'] },
        view: { ...full, registered: [own, other] },
        answer: 'accept and wait',
      },
      {
        when: 'the others yield, as this provider is the preferred one',
        request: { provider: 'cloud' },
        view: { ...full, registered: [own, other] },
        answer: 'accept and wait',
      },
      {
        when: 'another pool of the preferred provider is open',
        request: { provider: 'cloud' },
        view: { ...full, registered: [own, { ...other, provider: 'cloud' }] },
        answer: 'defer: quota-here-not-elsewhere',
      },
      {
        when: 'the pool is full',
        view: { poolLimits: { instances: 1 }, poolUsed: { instances: 1 } },
        answer: 'accept and wait',
      },
      {
        when: 'the last place is free',
        view: { poolLimits: { instances: 2 }, poolUsed: { instances: 1 } },
        answer: 'accept',
      },
      {
        when: 'something is used up that it does not need',
        view: { poolLimits: { cores: 8 }, poolUsed: { cores: 9 } },
        answer: 'accept',
      },
      {
        when: 'a ready node makes a launch needless',
        view: { ...full, free: [freeNode('n1')] },
        answer: 'accept',
      },
      {
        when: 'only one of two is ready',
        request: two,
        view: { ...full, free: [freeNode('n1')] },
        answer: 'accept and wait',
      },
      {
        when: 'a ready node is there but may not be taken',
        request: { reuse: false },
        view: { ...full, free: [freeNode('n1')] },
        answer: 'accept and wait',
      },
    ]);
  });

  describe('never lets standby nodes wait', () => {
    const standby = { requestor: MIN_READY_REQUESTOR, reuse: false };
    table([
      { when: 'there is room', request: standby, answer: 'accept' },
      { when: 'there is none', request: standby, view: full, answer: 'decline: no-room-for-stock' },
      {
        when: 'another pool may have room',
        request: standby,
        view: { ...full, registered: [own, other] },
        answer: 'decline: no-room-for-stock',
      },
    ]);
  });

  it('says what is needed for the launches only', () => {
    const decision = decide(
      request({ node_types: ['small', 'large', 'large'] }),
      poolView({ free: [freeNode('n1'), freeNode('n2', { labels: ['large'] })] }),
    );
    assert.equal(decision.kind, 'accept');
    assert.deepEqual(decision.plan.nodes, ['n1', 'n2', undefined]);
    assert.deepEqual(decision.need, { instances: 1, cores: 8 });
  });

  it('names in its reasons what is missing and where', () => {
    const decision = decide(request(two), poolView({ poolLimits: { instances: 1 } }));
    assert.equal(decision.kind, 'decline');
    assert.equal(decision.reasons[0]?.text, 'needs 2 instances, the pool has 1 in all');
  });
});

describe('candidatesFor', () => {
  it('keeps pools that have every label and have not declined', () => {
    const pools = [
      registered({ id: 'both' }),
      registered({ id: 'one', labels: new Set(['small']) }),
      registered({ id: 'declined' }),
    ];
    const wish = request({ node_types: ['small', 'large'], declined_by: ['declined'] });
    assert.deepEqual(
      candidatesFor(wish, pools).map((pool) => pool.id),
      ['both'],
    );
  });
});
