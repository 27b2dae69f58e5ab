/** An AWS in memory before builders that upload disk images with its driver. */
import assert from 'node:assert/strict';
import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { createAwsDriver } from '../../../shared/drivers/aws/driver.ts';
import type { Driver } from '../../../shared/drivers/driver.ts';
import { AwsSite, awsProvider, PROVIDER } from '../aws-site.ts';
import { BuilderSite } from '../builder-site.ts';
import type { Fields } from '../cloud-site.ts';
import { eventually } from '../eventually.ts';

export const IMAGE = 'debian';
export const INTERVALS = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'upload-check': 0.3 };
export const NOTHING = { images: 0, snapshots: 0, objects: 0, uploads: 0, tasks: 0 };
export const ONE_IMAGE = { ...NOTHING, images: 1, snapshots: 1 };
/** What a builder that was killed does not do any more. */
const TAKING_BACK = [
  ...['CancelImportTask', 'DeleteObject', 'AbortMultipartUpload', 'DeleteSnapshot'],
];

export interface AwsImages {
  readonly driver: Driver;
  /** Those of the test that runs. */
  readonly aws: AwsSite;
  readonly site: BuilderSite;
  configure(provider: Fields, hasImages?: boolean): void;
  /** All that uploads make. */
  made(): typeof NOTHING;
  /** External ids of the uploads in that state. */
  uploads(state: string): string[];
  untilUploaded(): Promise<void>;
}

/** To be called in the `describe` of the tests. */
export function awsImages(): AwsImages {
  const driver = createAwsDriver();
  let sites: { aws: AwsSite; site: BuilderSite } | undefined;
  beforeEach(async () => {
    sites = { aws: await AwsSite.open(), site: await BuilderSite.open() };
  });
  afterEach(async () => {
    await sites?.site.close();
    await sites?.aws.close();
  });
  const opened = (): { aws: AwsSite; site: BuilderSite } => {
    assert.ok(sites);
    return sites;
  };
  return {
    driver,
    get aws() {
      return opened().aws;
    },
    get site() {
      return opened().site;
    },
    configure(provider, hasImages = true) {
      opened().site.configure({
        ...{ driver, providers: [provider], ...(!hasImages && { diskimages: [] }) },
        more: {
          ...(hasImages && { labels: [{ name: 'small' }] }),
          extensions: { intervals: INTERVALS },
        },
      });
    },
    made() {
      const { images, snapshots, objects, uploads, tasks } = opened().aws.cloud.counts;
      return { images, snapshots, objects, uploads, tasks };
    },
    uploads: (state) =>
      opened()
        .site.uploads(PROVIDER)
        .flatMap((one) => (one.state === state ? [one.external_id ?? ''] : [])),
    untilUploaded() {
      return eventually(() => {
        assert.equal(this.uploads('ready').length, 1);
      });
    },
  };
}

/** The builder is killed at that call of an upload by that method. */
export function findsWhatIsLeft(
  images: AwsImages,
  moments: readonly (readonly [what: string, method: string, call: string])[],
): void {
  for (const [what, method, call] of moments)
    it(`that a builder left ${what} are found by their tags, and uploaded anew`, async () => {
      const { cloud } = images.aws;
      images.configure(provider(method));
      // More than one part for S3.
      await images.site.behave(`extend() { head -c 9000000 /dev/urandom >> "$1"; }
        mkdir -p "$(dirname "$out")"; echo start > "$out.raw"; extend "$out.raw"
        cd "$(dirname "$out")"
        for sum in md5 sha256; do $\{sum}sum "$(basename "$out").raw" > "$out.raw.$sum"; done
        mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"; exit 0`);
      cloud.hold('create');
      if (!call.startsWith('Describe')) cloud.arm({ call, mode: 'hang', times: 99 });
      const first = await images.site.start();
      await eventually(() => {
        assert.ok(cloud.calls.includes(call));
      });
      for (const one of TAKING_BACK)
        cloud.arm({ call: one, mode: 'fail', status: 403, code: 'AccessDenied', times: 99 });
      await first.lose();
      assert.notDeepEqual(images.made(), NOTHING);
      cloud.disarm();
      cloud.release('create');
      await images.site.start();
      await images.untilUploaded();
      await eventually(() => {
        assert.equal(images.site.uploads(PROVIDER).length, 1);
        assert.deepEqual(images.made(), ONE_IMAGE);
      });
      const [id = ''] = images.uploads('ready');
      assert.notEqual(images.aws.cloud.images.image(id).tags.nodepool_upload_id, '0000000001');
      assert.equal(images.aws.cloud.buckets.bucket(BUCKET).size, 0);
    });
}

export function provider(method: string): Fields {
  return awsProvider({
    labels: { small: { diskimage: IMAGE, 'cloud-image': undefined } },
    provider: {
      diskimages: [{ name: IMAGE, 'import-method': method, tags: { team: 'infra' } }],
      'cloud-images': [],
    },
  });
}

export function withoutImages(): Fields {
  return awsProvider({ labels: {}, provider: { 'cloud-images': [], pools: [] } });
}
