/**
 * Logs of builds in `build-log-dir`: `<image>-<build>.log`, as the original names them. Pure.
 */
import type { BuildKey } from '../store/paths.ts';

/** Python builders older than 9 gave numbers. */
const BUILD_ID = '[0-9a-f]{32}|\\d{10}';
const LOG_NAME = new RegExp(`^(.+)-(${BUILD_ID})\\.log$`);
const FULL_ID = new RegExp(`^(.+)-(${BUILD_ID})$`);
const ONLY_ID = new RegExp(`^(?:${BUILD_ID})$`);
/** What a file's name may be. */
const MOST_BYTES = 255;

export function buildLogName({ image, build }: BuildKey): string {
  return `${image}-${build}.log`;
}

/** Undefined: it is no log of a build. */
export function parseLogName(name: string): BuildKey | undefined {
  const [, image, build] = LOG_NAME.exec(name) ?? [];
  return image === undefined || build === undefined ? undefined : { image, build };
}

/** `<image>-<build>`, as lists print it. Undefined: it is something else. */
export function parseFullBuildId(text: string): BuildKey | undefined {
  const [, image, build] = FULL_ID.exec(text) ?? [];
  return image === undefined || build === undefined ? undefined : { image, build };
}

export function isBuildId(text: string): boolean {
  return ONLY_ID.test(text);
}

/** Whether the log of such a build would be a file in the folder itself, and not somewhere else. */
export function isLogKey({ image, build }: BuildKey): boolean {
  return (
    isBuildId(build) &&
    /^[^/\0]+$/.test(image) &&
    Buffer.byteLength(buildLogName({ image, build })) <= MOST_BYTES
  );
}
