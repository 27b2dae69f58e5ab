import assert from 'node:assert/strict';

import { buildSchema, uploadSchema } from '../../../schemas/records/image.ts';
import type { BuildRecord } from '../../../schemas/records/image.ts';
import { buildListing, imageListing, uploadListing } from '../../../shared/web/image-listings.ts';
import { listingJson, listingText } from '../../../shared/web/listings.ts';

const NOW = 1_700_000_000;
const key = { image: 'trixie', build: 'abc' };
const record = (fields: object): BuildRecord =>
  buildSchema.parse({ state: 'ready', state_time: NOW - 3661.5, ...fields });

describe('lists of images', () => {
  it('show a build with the time since its state changed', () => {
    const listing = buildListing(
      [{ ...key, record: record({ builder: 'b', formats: 'raw,qcow2' }), isPaused: false }],
      NOW,
    );
    assert.equal(
      listingText(listing),
      [
        '+------------+--------+---------+-----------+-------+-------------+',
        '| ID         | Image  | Builder | Formats   | State | Age         |',
        '+------------+--------+---------+-----------+-------+-------------+',
        '| trixie-abc | trixie | b       | qcow2,raw | ready | 00:01:01:02 |',
        '+------------+--------+---------+-----------+-------+-------------+',
      ].join('\n'),
    );
  });

  it('give ages as moments in JSON', () => {
    const listing = buildListing([{ ...key, record: record({}), isPaused: false }], NOW);
    assert.equal(
      listingJson(listing),
      '[{"id": "trixie-abc", "image": "trixie", "builder": null, "formats": [], "state": "ready", "age": 1699996338}]',
    );
  });

  it('show all builds of a paused image as paused', () => {
    const states = ['building', 'ready', 'failed', 'deleting'].map((state) => ({
      ...key,
      record: record({ state }),
      isPaused: true,
    }));
    assert.deepEqual(
      buildListing(states, NOW).rows.map(({ state }) => state),
      ['paused', 'paused', 'paused', 'paused'],
    );
  });

  it('show an upload whose cloud has given no id yet', () => {
    const uploading = uploadSchema.parse({ state: 'uploading', state_time: NOW });
    const listing = uploadListing(
      [{ ...key, provider: 'cloud', upload: '0000000001', record: uploading }],
      NOW,
    );
    assert.match(
      listingText(listing),
      /\| abc +\| 0000000001 \| cloud +\| trixie \| +\| +\| uploading \| 00:00:00:00 \|/,
    );
  });

  it('show whether and since when a build is asked for', () => {
    const request = { createdAt: NOW - 59.5, isBuilding: false };
    const listing = imageListing(
      [
        { name: 'a', isPaused: true, request: undefined },
        { name: 'b', isPaused: false, request },
        { name: 'c', isPaused: false, request: { ...request, isBuilding: true } },
      ],
      NOW,
    );
    assert.equal(
      listingText(listing),
      [
        '+-------+--------+---------------+-------------------+',
        '| Image | Paused | Build Request | Build Request Age |',
        '+-------+--------+---------------+-------------------+',
        '| a     | True   |               |                   |',
        '| b     | False  | pending       | 00:00:01:00       |',
        '| c     | False  | building      | 00:00:01:00       |',
        '+-------+--------+---------------+-------------------+',
      ].join('\n'),
    );
    assert.equal(
      listingJson(listing).split('}')[0],
      '[{"image": "a", "paused": true, "build_request": null, "build_request_age": null',
    );
  });
});
