import assert from 'node:assert/strict';

import { hasLabel } from '../../../../../shared/base/errors.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import { ScriptedAws, ec2Answer, ec2Error, ec2List, networkError, never } from './scripted-aws.ts';

describe('Images', () => {
  it('that are not there are undefined', async () => {
    const aws = new ScriptedAws()
      .on('DescribeImages', ec2Error('InvalidAMIID.NotFound'))
      .on('DescribeSnapshots', ec2Error('InvalidSnapshot.NotFound'))
      .on('DescribeImportSnapshotTasks', ec2Error('InvalidConversionTaskId.Malformed'))
      .on('DescribeImportImageTasks', ec2Error('InvalidConversionTaskId.Malformed'));
    const { images } = aws.services();
    assert.equal(await images.image('ami-1', never()), undefined);
    assert.equal(await images.snapshot('snap-1', never()), undefined);
    assert.equal(await images.snapshotTask('import-snap-1', never()), undefined);
    assert.equal(await images.imageTask('import-ami-1', never()), undefined);
  });

  it('that are gone are deleted', async () => {
    const aws = new ScriptedAws()
      .on('DeregisterImage', ec2Error('InvalidAMIID.Unavailable'))
      .on('DeleteSnapshot', ec2Error('InvalidSnapshot.NotFound'))
      .on('CancelImportTask', ec2Error('InvalidConversionTaskId.Malformed'));
    const { images } = aws.services();
    await images.deregister('ami-1', never());
    await images.deleteSnapshot('snap-1', never());
    await images.cancelImport('import-snap-1', never());
    assert.equal(aws.calls.length, 3);
  });

  it('are not half deleted in silence', async () => {
    const aws = new ScriptedAws().on('DeleteSnapshot', ec2Error('InvalidSnapshot.InUse'));
    const { images } = aws.services();
    const work = settleByTurning(aws.clock, images.deleteSnapshot('snap-1', never()));
    await assert.rejects(work, (error) => hasLabel(error, 'retryable'));
  });

  it('are listed by owner or by filter', async () => {
    const aws = new ScriptedAws().on(
      'DescribeImages',
      ec2Answer('DescribeImages', ec2List('imagesSet', ['<imageId>ami-1</imageId>'])),
    );
    const { images } = aws.services();
    assert.equal((await images.own(never()))[0]?.ImageId, 'ami-1');
    await images.find([{ Name: 'name', Values: ['debian-*'] }], never());
    const [own, found] = aws.calls.map(({ params }) => params);
    assert.equal(own?.get('Owner.1'), 'self');
    assert.equal(found?.get('Owner.1'), null);
    assert.equal(found.get('Filter.1.Value.1'), 'debian-*');
  });

  it('are not registered twice where the answer is lost', async () => {
    const aws = new ScriptedAws().on('RegisterImage', networkError('ECONNRESET'));
    const { images } = aws.services();
    const work = settleByTurning(aws.clock, images.register({ Name: 'one' }, never()));
    await assert.rejects(work, (error) => hasLabel(error, 'ambiguous'));
    assert.equal(aws.calls.length, 1);
  });

  it('are imported once, by their token', async () => {
    const task = ec2Answer('ImportSnapshot', '<importTaskId>import-snap-1</importTaskId>');
    const aws = new ScriptedAws().on('ImportSnapshot', [networkError('ECONNRESET'), task]);
    const { images } = aws.services();
    const request = { DiskContainer: { Format: 'raw' }, ClientToken: 'token' };
    const work = settleByTurning(aws.clock, images.importSnapshot(request, never()));
    assert.equal(await work, 'import-snap-1');
    assert.deepEqual(
      aws.calls.map(({ params }) => params.get('ClientToken')),
      ['token', 'token'],
    );
  });

  it('need no cancelling of a task that has ended', async () => {
    const aws = new ScriptedAws().on('CancelImportTask', [
      ec2Error('IncorrectState'),
      ec2Error('IncorrectImportTaskState'),
      ec2Error('UnauthorizedOperation'),
    ]);
    const { images } = aws.services();
    await images.cancelImport('import-ami-1', never());
    await images.cancelImport('import-ami-1', never());
    await assert.rejects(images.cancelImport('import-ami-1', never()));
  });

  it('get their tags', async () => {
    const aws = new ScriptedAws().on(
      'CreateTags',
      ec2Answer('CreateTags', '<return>true</return>'),
    );
    await aws.services().images.tag(['ami-1', 'snap-1'], { a: 'b' }, never());
    const [call] = aws.calls;
    assert.equal(call?.params.get('ResourceId.2'), 'snap-1');
    assert.equal(call.params.get('Tag.1.Value'), 'b');
  });
});
