import assert from 'node:assert/strict';

import fc from 'fast-check';

import { decideRetention, type RetentionInput } from '../../../../shared/rules/images/retention.ts';
import type { BuildView } from '../../../../shared/rules/images/view.ts';
import { build, upload } from './views.ts';

const LISTED = new Map([['cloud', { listsImage: true }]]);

function decide(builds: readonly BuildView[], input: Partial<RetentionInput> = {}) {
  const decision = decideRetention({ builds, isConfigured: true, providers: LISTED, ...input });
  const ids = (uploads: typeof decision.deleteUploads): string[] =>
    uploads.map((one) => `${one.build}/${one.upload.provider}/${one.upload.id}`);
  return {
    ...decision,
    deleteUploads: ids(decision.deleteUploads),
    abandonedUploads: ids(decision.abandonedUploads),
  };
}

const NOTHING = {
  deleteUploads: [],
  abandonedUploads: [],
  markDeleting: [],
  abandonedBuilds: [],
  remove: [],
};
const ready = (id: string, at: number) =>
  build(id, 'ready', at, { uploads: [upload('cloud', '0000000001', 'ready', at)] });

describe('retention of builds', () => {
  it('keeps two with their uploads', () => {
    assert.deepEqual(decide([ready('a', 1), ready('b', 2)]), NOTHING);
  });

  it('takes the third in steps: its upload, a mark, its record', () => {
    const others = [ready('b', 2), ready('c', 3)];
    assert.deepEqual(decide([ready('a', 1), ...others]), {
      ...NOTHING,
      deleteUploads: ['a/cloud/0000000001'],
    });
    const going = [upload('cloud', '0000000001', 'deleting', 9)];
    assert.deepEqual(decide([build('a', 'ready', 1, { uploads: going }), ...others]), {
      ...NOTHING,
      deleteUploads: ['a/cloud/0000000001'],
      markDeleting: ['a'],
    });
    assert.deepEqual(decide([build('a', 'ready', 1), ...others]).markDeleting, ['a']);
    assert.deepEqual(decide([build('a', 'deleting', 4), ...others]), { ...NOTHING, remove: ['a'] });
  });

  it('keeps a build of which a provider has one of its two newest uploads', () => {
    const builds = [ready('a', 1), ready('b', 2), build('c', 'ready', 3)];
    assert.deepEqual(decide(builds), NOTHING);
  });

  it('takes what failed, and what nobody works at', () => {
    const uploads = [
      upload('cloud', '0000000001', 'failed', 1),
      upload('cloud', '0000000002', 'uploading', 2),
      upload('cloud', '0000000003', 'ready', 3),
    ];
    const builds = [
      build('kept', 'ready', 1, { uploads }),
      build('failed', 'failed', 2),
      build('building', 'building', 3),
    ];
    assert.deepEqual(decide(builds), {
      ...NOTHING,
      deleteUploads: ['kept/cloud/0000000001'],
      abandonedUploads: ['kept/cloud/0000000002'],
      markDeleting: ['failed'],
      abandonedBuilds: ['building'],
    });
  });

  it('takes uploads of a provider that lists the image no more, and all of an image that is no more', () => {
    const providers = new Map([['cloud', { listsImage: false }]]);
    assert.deepEqual(decide([ready('a', 1)], { providers }), {
      ...NOTHING,
      deleteUploads: ['a/cloud/0000000001'],
    });
    assert.deepEqual(decide([build('a', 'ready', 1)], { isConfigured: false }).markDeleting, ['a']);
  });

  const states = fc.constantFrom('ready', 'failed', 'deleting', 'uploading', 'building');
  const anyUpload = fc
    .tuple(fc.constantFrom('cloud', 'other'), fc.nat(9), states, fc.nat(50))
    .map(([provider, id, state, at]) =>
      upload(provider, String(id), state === 'building' ? 'ready' : state, at),
    );
  const anyBuild = fc
    .tuple(fc.uuid(), states, fc.nat(50), fc.array(anyUpload, { maxLength: 4 }))
    .map(([id, state, at, uploads]) =>
      build(id, state === 'uploading' ? 'ready' : state, at, { uploads }),
    );

  it('touches no upload of others, and no build that has one', () => {
    fc.assert(
      fc.property(fc.array(anyBuild, { maxLength: 6 }), fc.boolean(), (builds, isConfigured) => {
        const decision = decideRetention({ builds, isConfigured, providers: LISTED });
        for (const { upload: one } of [...decision.deleteUploads, ...decision.abandonedUploads])
          assert.equal(one.provider, 'cloud');
        const held = new Set(
          builds
            .filter(({ uploads }) =>
              uploads.some((one) => one.provider === 'other' && one.record.state !== 'deleting'),
            )
            .map(({ id }) => id),
        );
        const { markDeleting, abandonedBuilds, remove } = decision;
        for (const id of [...markDeleting, ...abandonedBuilds, ...remove]) assert.ok(!held.has(id));
        const usable = builds.filter(({ record }) => record.state === 'ready').length;
        const marked = markDeleting.filter((id) =>
          builds.some((one) => one.id === id && one.record.state === 'ready'),
        ).length;
        if (isConfigured) assert.ok(usable - marked >= Math.min(usable, 2));
      }),
    );
  });
});
