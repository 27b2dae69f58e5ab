/** One upload on its way: what the steps of all import methods need to know, and what they have made. */
import type { AwsDiskimageOptions } from '../../../schemas/config/drivers/aws.ts';
import { imageTags } from '../../cloud/tags.ts';
import type { ImageUpload } from '../driver.ts';

export interface ImageJob {
  /** Of the AMI. */
  readonly name: string;
  /** Path of the file. */
  readonly file: string;
  readonly bytes: number;
  readonly format: string;
  readonly options: AwsDiskimageOptions;
  /** For everything that is made. */
  readonly tags: Readonly<Record<string, string>>;
  /** In hexadecimal, of what was built. */
  readonly checksums: ImageUpload['checksums'];
  readonly onProgress: ImageUpload['onProgress'];
  /** What was made so far, as `Leftovers` deletes it. */
  readonly made: Set<string>;
}

export function imageJob(upload: ImageUpload, format: string, bytes: number): ImageJob {
  const options = upload.image.options as AwsDiskimageOptions;
  return {
    ...{ name: upload.name, file: upload.file, bytes, format, options },
    tags: imageTags(options.tags, upload.metadata),
    ...{ checksums: upload.checksums, onProgress: upload.onProgress, made: new Set() },
  };
}
