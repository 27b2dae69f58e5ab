/** Builders that are killed in the midst of uploads to AWS, where CI does not kill them. */
import { awsImages, findsWhatIsLeft } from '../../support/clouds/aws-images.ts';

describe('disk images in aws', () => {
  findsWhatIsLeft(awsImages(), [
    ['while AWS made an AMI of them', 'image', 'DescribeImportImageTasks'],
    ['among the parts for S3', 'snapshot', 'UploadPart'],
    ['among their blocks', 'ebs-direct', 'PutSnapshotBlock'],
  ]);
});
