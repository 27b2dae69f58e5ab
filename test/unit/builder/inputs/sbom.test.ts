import assert from 'node:assert/strict';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';

import type { Content } from '../../../../builder/inputs/manifests.ts';
import { sbomOf, type SbomInput } from '../../../../builder/inputs/sbom.ts';

const BUILD = '0123456789ab4def8123456789abcdef';
const NAME = `debian-${BUILD}.qcow2`;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const CONTENT: Content = {
  packages: [
    { kind: 'deb', name: 'libstdc++6', version: '1:12.2.0~rc1-14+deb12u1', architecture: 'amd64' },
    { kind: 'deb', name: 'libstdc++6', version: '1:12.2.0~rc1-14+deb12u1', architecture: 'i386' },
    { kind: 'deb', name: 'adduser', version: '3.134', architecture: 'all' },
  ],
  repositories: [
    { name: 'zuul', location: 'https://opendev.org/zuul/zuul', commit: COMMIT },
    { name: 'local', location: 'git@git.example:x.git', commit: COMMIT },
  ],
};
const INPUT: SbomInput = {
  key: { image: 'debian', build: BUILD },
  content: CONTENT,
  files: [{ name: NAME, bytes: 5, md5: 'b'.repeat(32), sha256: 'a'.repeat(64) }],
  nowMs: Date.UTC(2026, 10, 29),
  inputsDigest: 'c'.repeat(64),
  elements: ['vm', 'debian-minimal'],
  version: '0.1.0',
  builderVersion: '3.13.0',
};

interface Sbom {
  readonly serialNumber?: string;
  readonly metadata: {
    readonly component: {
      readonly properties: { readonly name: string; readonly value: string }[];
    };
  };
  readonly components: readonly {
    readonly type: string;
    readonly name: string;
    readonly purl?: string;
    readonly hashes?: unknown;
    readonly externalReferences?: unknown;
  }[];
}

const make = (more: Partial<SbomInput> = {}) => sbomOf({ ...INPUT, ...more }) as unknown as Sbom;
const purls = (more: Partial<SbomInput>) =>
  make(more).components.flatMap(({ purl }) => (purl === undefined ? [] : [purl]));

describe('the bill of materials of an image', () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const nothing: Content = { packages: [], repositories: [] };

  it('is CycloneDX 1.6, also where little is known', async () => {
    const little = { inputsDigest: undefined, builderVersion: undefined, elements: [] };
    const inputs: Partial<SbomInput>[] = [
      {},
      { content: nothing },
      { ...little, files: [], content: nothing },
      { content: { ...CONTENT, packages: [...CONTENT.packages, ...CONTENT.packages] } },
      { key: { image: 'old', build: '0000000042' } },
    ];
    for (const input of inputs)
      assert.equal(await validator.validate(JSON.stringify(make(input))), null);
    // The validator is able to say no.
    assert.notEqual(await validator.validate(JSON.stringify({ ...make(), version: 'x' })), null);
  });

  it('names packages, repositories and files so that others know them', () => {
    const [file, ...rest] = make().components;
    assert.deepEqual([file?.type, file?.name], ['file', NAME]);
    assert.deepEqual(file?.hashes, [
      { alg: 'MD5', content: 'b'.repeat(32) },
      { alg: 'SHA-256', content: 'a'.repeat(64) },
    ]);
    assert.deepEqual(
      rest.map(({ purl }) => purl),
      [
        'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0~rc1-14%2Bdeb12u1?arch=amd64',
        'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0~rc1-14%2Bdeb12u1?arch=i386',
        'pkg:deb/debian/adduser@3.134?arch=all',
        `pkg:generic/zuul@${COMMIT}`,
        `pkg:generic/local@${COMMIT}`,
      ],
    );
    const back = PackageURL.fromString(rest[0]?.purl ?? '');
    assert.deepEqual([back.name, back.version], ['libstdc++6', '1:12.2.0~rc1-14+deb12u1']);
    const vcs = [{ type: 'vcs', url: 'https://opendev.org/zuul/zuul' }];
    assert.deepEqual(
      rest.slice(3).map((one) => one.externalReferences),
      [vcs, undefined],
    );
  });

  it('has the serial number of the build and the digest of its inputs', () => {
    const { serialNumber, metadata } = make();
    assert.equal(serialNumber, 'urn:uuid:01234567-89ab-4def-8123-456789abcdef');
    assert.deepEqual(metadata.component.properties, [
      { name: 'nodepool:build', value: BUILD },
      { name: 'nodepool:inputs', value: 'c'.repeat(64) },
    ]);
  });

  it('guesses the distribution from elements, else from versions', () => {
    const vendors = (elements: string[], ...packages: Content['packages']) =>
      purls({ elements, content: { packages, repositories: [] } }).map((one) => one.split('/')[1]);
    const deb = (version: string) =>
      ({ kind: 'deb', name: 'x', version, architecture: undefined }) as const;
    const rpm = { ...deb('1'), kind: 'rpm' } as const;
    assert.deepEqual(vendors(['debootstrap', 'ubuntu-minimal'], deb('1')), ['ubuntu']);
    assert.deepEqual(vendors(['rhel'], rpm), ['redhat']);
    assert.deepEqual(vendors(['ours'], deb('1-1ubuntu2')), ['ubuntu']);
    assert.deepEqual(vendors(['ours'], deb('1-1')), ['debian']);
    assert.deepEqual(vendors(['ours'], rpm), ['redhat']);
  });
});
