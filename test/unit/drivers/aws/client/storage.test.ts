import assert from 'node:assert/strict';

import { systemClock } from '../../../../../shared/base/clock.ts';
import { NodepoolError, hasCode } from '../../../../../shared/base/errors.ts';
import { ScriptedAws, networkError, never, type Answer, type SeenCall } from './scripted-aws.ts';

const MIB = 1 << 20;
const endpoint = 'http://s3.example';

async function* body(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < mebibytes; at++) {
    await Promise.resolve();
    yield new Uint8Array(MIB).fill(at);
  }
}

const upload = (mebibytes: number, onProgress?: (sent: number, total: number) => void) => ({
  ...{ bucket: 'images', key: 'a/b.raw', body: body(mebibytes), bytes: mebibytes * MIB },
  ...{ tags: { nodepool_build_id: '1', of: 'a b' }, ...(onProgress && { onProgress }) },
});

const xml = (name: string, inner: string): Answer => ({ text: `<${name}>${inner}</${name}>` });
const UPLOAD_ID = '<UploadId>upload-1</UploadId>';
const isBegin = ({ params }: SeenCall): boolean => params.has('uploads');

/** S3 for an upload in parts; `part` answers each of them. */
function s3(part: (call: SeenCall) => Answer | undefined): ScriptedAws {
  const taken = { headers: { etag: '"one"' } };
  return new ScriptedAws()
    .on('PUT /images/a/b.raw', (call) => part(call) ?? taken)
    .on('POST /images/a/b.raw', (call) =>
      isBegin(call)
        ? xml('InitiateMultipartUploadResult', UPLOAD_ID)
        : xml('CompleteMultipartUploadResult', '<ETag>"all"</ETag>'),
    );
}

const settleReal = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Storage', () => {
  it('uploads in parts, and tells how far it is', async () => {
    const aws = s3(() => undefined);
    const sent: number[] = [];
    const { storage } = aws.services({ endpoint });
    await storage.upload(
      upload(20, (bytes, total) => {
        sent.push(bytes);
        assert.equal(total, 20 * MIB);
      }),
      never(),
    );
    const parts = aws.calls.filter(({ params }) => params.has('partNumber'));
    assert.deepEqual(parts.map(({ params }) => params.get('partNumber')).toSorted(), [
      '1',
      '2',
      '3',
    ]);
    assert.equal(sent.at(-1), 20 * MIB);
    assert.deepEqual(
      sent,
      sent.toSorted((a, b) => a - b),
    );
    assert.equal(aws.calls.find(isBegin)?.headers['x-amz-tagging'], 'nodepool_build_id=1&of=a+b');
    for (const { headers } of parts) assert.ok(headers['x-amz-checksum-crc32']);
  });

  it('uploads what is small in one call', async () => {
    const aws = s3(() => undefined);
    await aws.services({ endpoint }).storage.upload(upload(1), never());
    assert.deepEqual(aws.log, ['PUT /images/a/b.raw']);
  });

  it('sends a part again, where it broke', async () => {
    const broken = new Set<string>();
    const aws = s3(({ params }) => {
      const number = params.get('partNumber') ?? '';
      if (broken.has(number)) return undefined;
      broken.add(number);
      return number === '2' ? networkError('ECONNRESET') : undefined;
    });
    await aws.services({ endpoint }).storage.upload(upload(20), never());
    assert.equal(aws.calls.filter(({ params }) => params.get('partNumber') === '2').length, 2);
  });

  it('sends a part again that nobody answers', async () => {
    let hangs = 1;
    const aws = s3(({ params }) => {
      if (params.get('partNumber') !== '2' || hangs === 0) return undefined;
      hangs--;
      return 'hang';
    });
    const { storage } = aws.services({ endpoint });
    const work = storage.upload(upload(20), never());
    // The SDK's own pauses are real time: the clock is turned for the part that hangs only.
    while (hangs === 1) await settleReal();
    await aws.clock.advance(300_000);
    await work;
    assert.equal(aws.aborted, 1);
  });

  it('ends with its signal, and its parts with it', async () => {
    const aws = s3(() => 'hang');
    const controller = new AbortController();
    const { storage } = aws.services({ endpoint, clock: systemClock });
    const work = storage.upload(upload(40), controller.signal);
    const parts = (): number => aws.calls.filter(({ params }) => params.has('partNumber')).length;
    while (parts() < 4) await settleReal();
    const reason = new NodepoolError('NP_ABORTED', 'enough');
    controller.abort(reason);
    await assert.rejects(work, reason);
    while (aws.aborted < 4) await settleReal();
    assert.equal(parts(), 4);
  });

  it('ends the other parts where one is refused', async () => {
    const refused = { status: 403, text: '<Error><Code>AccessDenied</Code></Error>' };
    const aws = s3(({ params }) => (params.get('partNumber') === '1' ? refused : 'hang'));
    const { storage } = aws.services({ endpoint, clock: systemClock });
    // Parts that are on their way hold the SDK until they end.
    const work = storage.upload(upload(40), never());
    await assert.rejects(work, (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    while (aws.aborted < 3) await settleReal();
  });

  it('finds buckets by host at AWS, by path elsewhere', async () => {
    const list = xml('ListBucketResult', '<Contents><Key>a</Key></Contents>');
    const aws = new ScriptedAws().on('GET /', list).on('GET /images', list);
    await aws.services().storage.objects('images', '', never());
    await aws.services({ endpoint }).storage.objects('images', 'a/', never());
    const [there, elsewhere] = aws.calls;
    assert.equal(there?.host, 'images.s3.us-west-2.amazonaws.com');
    assert.equal(elsewhere?.host, 's3.example');
    assert.equal(elsewhere.params.get('prefix'), 'a/');
  });

  it('lists all pages, with a version of each object', async () => {
    const object = (key: string, etag: string): string =>
      `<Contents><Key>${key}</Key><ETag>${etag}</ETag></Contents>`;
    const more =
      '<IsTruncated>true</IsTruncated><NextContinuationToken>two</NextContinuationToken>';
    const aws = new ScriptedAws().on('GET /images', ({ params }) =>
      params.get('continuation-token') === 'two'
        ? xml('ListBucketResult', object('b', 'y'))
        : xml('ListBucketResult', object('a', 'x') + more),
    );
    const objects = await aws.services({ endpoint }).storage.objects('images', '', never());
    assert.deepEqual(
      objects.map(({ key, version }) => [key, version.trim()]),
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    );
  });

  it('lists all pages of uploads in parts', async () => {
    const one = (key: string): string =>
      `<Upload><Key>${key}</Key><UploadId>id-${key}</UploadId></Upload>`;
    const more =
      '<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>' +
      '<NextUploadIdMarker>id-a</NextUploadIdMarker>';
    const aws = new ScriptedAws().on('GET /images', ({ params }) =>
      params.get('key-marker') === 'a' && params.get('upload-id-marker') === 'id-a'
        ? xml('ListMultipartUploadsResult', one('b'))
        : xml('ListMultipartUploadsResult', one('a') + more),
    );
    const found = await aws.services({ endpoint }).storage.multiparts('images', '', never());
    assert.deepEqual(found, [
      { key: 'a', uploadId: 'id-a' },
      { key: 'b', uploadId: 'id-b' },
    ]);
  });

  it('takes what is gone for deleted, and for without tags', async () => {
    const gone = (Code: string): Answer => ({
      status: 404,
      text: `<Error><Code>${Code}</Code></Error>`,
    });
    const aws = new ScriptedAws()
      .on('DELETE /images/a', gone('NoSuchKey'))
      .on('DELETE /images/b', gone('NoSuchUpload'))
      .on('GET /images/a', gone('NoSuchKey'));
    const { storage } = aws.services({ endpoint });
    await storage.delete('images', 'a', never());
    await storage.abortMultipart('images', 'b', 'upload-1', never());
    assert.equal(await storage.tags('images', 'a', never()), undefined);
  });

  it('reads tags', async () => {
    const tag = '<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>';
    const aws = new ScriptedAws().on('GET /images/a', xml('Tagging', tag));
    const { storage } = aws.services({ endpoint });
    assert.deepEqual(await storage.tags('images', 'a', never()), { a: 'b' });
  });
});
