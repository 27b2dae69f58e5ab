/** The progress of an upload as an operator reads it in the log. */
import { sayBytes, sayDuration } from '../../shared/base/words.ts';
import type { UploadProgress } from './progress.ts';

/** Fields of a log line: `12 % of 1.2 GiB`, `30 MiB/s`, `35 s`. */
export function progressFields(progress: UploadProgress): Readonly<Record<string, string>> {
  const { percent, totalBytes, bytesPerSecond, secondsLeft, seconds } = progress;
  return {
    sent: `${Math.floor(percent)} % of ${sayBytes(totalBytes)}`,
    rate: `${sayBytes(bytesPerSecond)}/s`,
    left: secondsLeft === undefined ? 'unknown' : sayDuration(secondsLeft),
    since: sayDuration(seconds),
  };
}
