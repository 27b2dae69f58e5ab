import assert from 'node:assert/strict';

import {
  judgeCloud,
  judgeStart,
  type CloudFacts,
} from '../../../../shared/cli/doctor/judge/clouds.ts';
import { config, fake, labels, type Sections } from '../plan/world.ts';
import { codes } from './world.ts';

function judge(
  fields: Partial<CloudFacts> = {},
  section: Sections = fake('cloud', { main: ['small'] }),
): string[] {
  const provider = config({ ...labels('small'), providers: [section] }).providers.get('cloud');
  assert.ok(provider);
  const nothing = { limits: {}, used: {}, labels: [], leaks: new Map(), problems: [] };
  return codes(judgeCloud({ provider, ...nothing, ...fields }));
}

const label = {
  name: 'small',
  place: 'f:3',
  need: { cores: 4 },
  problem: undefined,
  hasImage: true,
};

describe('a cloud', () => {
  for (const [what, fields, expected] of [
    ['is well', { limits: { instances: 5, cores: 4 }, used: { cores: 1 }, labels: [label] }, []],
    [
      'may not tell something',
      { problems: [{ what: 'its quota cannot be asked for', reason: '403' }] },
      ['problem cloud-fails'],
    ],
    [
      'may refuse a label',
      { labels: [{ ...label, problem: 'no flavor' }] },
      ['problem label-refused'],
    ],
    [
      'may lack an image',
      { labels: [{ ...label, hasImage: false }] },
      ['problem cloud-image-missing'],
    ],
    ['may be too small', { limits: { cores: 3 }, labels: [label] }, ['problem label-never-fits']],
    [
      'may be nearly full',
      { limits: { cores: 10 }, used: { cores: 9 } },
      ['warning quota-nearly-used'],
    ],
    ['may allow less than the pools', { limits: { instances: 4 } }, ['warning limits-over-quota']],
    ['allows nothing of a kind', { limits: { volumes: 0 } }, []],
    [
      'may hold what was left behind',
      {
        leaks: new Map([
          ['ports', ['p1', 'p2']],
          ['instances', []],
        ]),
      },
      ['warning leaked'],
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(judge(fields), expected);
    });
  }

  it('is asked for nothing by pools that ignore its quota, or have no limit', () => {
    const section = fake('cloud', { main: ['small'] });
    const [main] = section.pools as Sections[];
    const ignoring = { ...section, pools: [{ ...main, 'ignore-provider-quota': true }] };
    assert.deepEqual(judge({ limits: { instances: 4 } }, ignoring), []);
    assert.deepEqual(judge({ limits: { cores: 4 } }), []);
  });

  it('that cannot be reached says why, and where it stands', () => {
    const provider = config({ providers: [fake('cloud', {})] }).providers.get('cloud');
    assert.ok(provider);
    const found = judgeStart(provider, 'the password is wrong');
    assert.equal(found.seen, 'the password is wrong');
    assert.match(found.remedy, /nodepool\.yaml:\d+/);
  });
});
