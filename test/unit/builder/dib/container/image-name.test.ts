import assert from 'node:assert/strict';

import { registryOf, withTag } from '../../../../../builder/dib/container/image-name.ts';

const HUB = 'https://index.docker.io/v1/';

describe('the name of a container image', () => {
  for (const [image, registry] of Object.entries({
    'nodepool-builder': HUB,
    'team/dib:1.2': HUB,
    'docker.io/team/dib': HUB,
    'registry.example/dib': 'registry.example',
    'registry:5000/team/dib:1': 'registry:5000',
    'localhost/dib': 'localhost',
    '[::1]:5000/dib': '[::1]:5000',
    'dib:5000': HUB,
  }))
    it(`tells the registry: ${image}`, () => {
      assert.equal(registryOf(image), registry);
    });

  for (const [image, tagged] of Object.entries({
    'nodepool-builder': 'nodepool-builder:latest',
    'registry:5000/team/dib': 'registry:5000/team/dib:latest',
    'registry:5000/team/dib:1': 'registry:5000/team/dib:1',
    'dib@sha256:00': 'dib@sha256:00',
  }))
    it(`means one tag: ${image}`, () => {
      assert.equal(withTag(image), tagged);
    });
});
