/** Whether a file that was sent is the one that was built. Pure. */
import { CloudError } from '../base/errors.ts';
import type { SentChecksums } from './image-file.ts';

/** In hexadecimal, where the build knows them. */
export interface BuiltChecksums {
  readonly md5?: string | undefined;
  readonly sha256?: string | undefined;
}

/** What one side does not know is no difference. */
export function differs(a: string | null | undefined, b: string | null | undefined): boolean {
  return Boolean(a) && Boolean(b) && a !== b;
}

/** @throws CloudError NP_CLOUD_FATAL: no repetition makes it better. */
export function assertAsBuilt(
  name: string,
  sent: SentChecksums | undefined,
  built: BuiltChecksums,
): void {
  if (
    !differs(sent?.md5, built.md5?.toLowerCase()) &&
    !differs(sent?.sha256, built.sha256?.toLowerCase())
  )
    return;
  throw new CloudError('NP_CLOUD_FATAL', `image ${name}: the file is not the one that was built`, {
    hint: 'the file was changed after the build; build the image again',
  });
}
