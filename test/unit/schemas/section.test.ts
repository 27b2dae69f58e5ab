import assert from 'node:assert/strict';

import { z } from 'zod';

import { NO_IMAGES, defineDriver } from '../../../schemas/config/drivers/section.ts';

describe('the section of a driver', () => {
  it('has its schema built when it is first looked at, and once', () => {
    let built = 0;
    const section = defineDriver({
      name: 'test',
      about: '',
      managesImages: false,
      schema: () => {
        built += 1;
        return z.strictObject({});
      },
      read: () => ({
        ...NO_IMAGES,
        launchRetries: 1,
        launchTimeoutSeconds: 1,
        bootTimeoutSeconds: 1,
        callsPerSecond: 1,
        pools: [],
        options: undefined,
      }),
    });
    assert.equal(section.name, 'test');
    assert.equal(built, 0);
    assert.equal(section.schema, section.schema);
    assert.equal(built, 1);
  });
});
