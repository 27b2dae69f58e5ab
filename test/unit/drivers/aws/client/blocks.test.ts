import assert from 'node:assert/strict';

import { hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import { ScriptedAws, never } from './scripted-aws.ts';

const START = 'POST /snapshots';
const PUT = 'PUT /snapshots/snap-1/blocks/3';
const COMPLETE = 'POST /snapshots/completion/snap-1';
const sum = 'c3Vt';
const block = { snapshotId: 'snap-1', index: 3, bytes: new Uint8Array(16), sha256Base64: sum };
const taken = (checksum: string) => ({
  status: 201,
  headers: { 'x-amz-Checksum': checksum, 'x-amz-checksum': checksum },
});

describe('Blocks', () => {
  it('begin a snapshot with token, size and tags', async () => {
    const text = JSON.stringify({ SnapshotId: 'snap-1', BlockSize: 524_288 });
    const aws = new ScriptedAws().on(START, { status: 201, text });
    const start = { volumeSizeGib: 2, token: 'token', tags: { a: 'b' }, timeoutMinutes: 60 };
    assert.deepEqual(await aws.services().blocks.start(start, never()), {
      snapshotId: 'snap-1',
      blockBytes: 524_288,
    });
    assert.deepEqual(JSON.parse(aws.calls[0]?.body.toString() ?? ''), {
      ...{ VolumeSize: 2, ClientToken: 'token', Timeout: 60, Tags: [{ Key: 'a', Value: 'b' }] },
    });
  });

  it('are sent with their checksum, without a turn', async () => {
    const aws = new ScriptedAws().on(PUT, taken(sum));
    const { blocks } = aws.services({ callsPerSecond: 0.001 });
    for (let times = 0; times < 3; times++) await blocks.put(block, never());
    const [call] = aws.calls;
    assert.equal(call?.headers['x-amz-checksum'], sum);
    assert.equal(call.body.length, 16);
  });

  it('that arrive damaged are sent again', async () => {
    const aws = new ScriptedAws().on(PUT, taken('b3RoZXI='));
    await assert.rejects(aws.services().blocks.put(block, never()), (error) =>
      hasLabel(error, 'retryable'),
    );
  });

  it('wait where AWS throttles', async () => {
    const slow = {
      status: 400,
      headers: { 'x-amzn-errortype': 'RequestThrottledException' },
      text: '{"Message":"slow"}',
    };
    const aws = new ScriptedAws().on(PUT, [slow, slow, taken(sum)]);
    await settleByTurning(aws.clock, aws.services().blocks.put(block, never()));
    assert.equal(aws.calls.length, 3);
  });

  it('of a snapshot that is gone are refused', async () => {
    const gone = {
      status: 404,
      headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
      text: '{"Message":"gone"}',
    };
    const aws = new ScriptedAws().on(PUT, gone);
    await assert.rejects(aws.services().blocks.put(block, never()), (error) =>
      hasCode(error, 'NP_CLOUD_NOT_FOUND'),
    );
  });

  it('end as AWS says', async () => {
    const answers = ['pending', 'completed', 'error'].map((Status) => ({
      ...{ status: 202, text: JSON.stringify({ Status }) },
    }));
    const aws = new ScriptedAws().on(COMPLETE, answers);
    const { blocks } = aws.services();
    const end = { snapshotId: 'snap-1', blocks: 4 };
    assert.equal(await blocks.complete(end, never()), 'pending');
    assert.equal(await blocks.complete(end, never()), 'completed');
    assert.equal(await blocks.complete(end, never()), 'error');
    assert.equal(aws.calls[0]?.headers['x-amz-changedblockscount'], '4');
  });
});

describe('Limits', () => {
  it('are all pages, by code', async () => {
    const page = (code: string, NextToken?: string) => ({
      text: JSON.stringify({ Quotas: [{ QuotaCode: code, Value: 5 }], NextToken }),
    });
    const aws = new ScriptedAws().on('ServiceQuotasV20190624.ListServiceQuotas', [
      page('L-1', 'two'),
      page('L-2'),
    ]);
    const limits = await aws.services().limits.quotas('ec2', never());
    assert.deepEqual(
      [...limits],
      [
        ['L-1', 5],
        ['L-2', 5],
      ],
    );
    assert.match(aws.calls[1]?.body.toString() ?? '', /"NextToken":"two"/);
  });
});
