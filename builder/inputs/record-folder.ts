/**
 * `<image>-<build>.d`, the folder beside a build's files in which diskimage-builder puts manifests and we
 * what we know of the build. Whoever deletes the build deletes it, too; nobody takes it for a format, or
 * deletes it with a format.
 *
 * Facts: nodepool/builder.py, CleanupWorker.deleteLocalBuild and DibImageFile.
 */
import { chmod, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { unlessMissing } from '../../shared/base/unless-missing.ts';
import type { BuildKey } from '../../shared/store/paths.ts';

/** Everybody may write, nobody remove what is another's. */
const SHARED = 0o1777;
const OWN = 0o755;

export class RecordFolder {
  readonly path: string;

  constructor(imagesDir: string, { image, build }: BuildKey) {
    this.path = join(imagesDir, `${image}-${build}.d`);
  }

  /**
   * Before diskimage-builder does it, which may be another user: we could neither write into folders of
   * root nor delete them. What it puts into folders of ours we can.
   */
  async open(): Promise<void> {
    for (const path of [this.path, this.#manifests]) {
      await mkdir(path, { recursive: true });
      await chmod(path, SHARED);
    }
  }

  /** When diskimage-builder has ended. */
  async close(): Promise<void> {
    await chmod(this.path, OWN);
    await rmdir(this.#manifests).catch(() => chmod(this.#manifests, OWN));
  }

  /** By the name that its element `manifests` gives it. */
  get #manifests(): string {
    return join(this.path, 'dib-manifests');
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** All of it, or nothing. */
  async write(name: string, data: unknown): Promise<void> {
    const path = join(this.path, name);
    const partial = `${path}.new`;
    await rm(partial, { force: true });
    await writeFile(partial, `${JSON.stringify(data, undefined, 2)}\n`, { flag: 'wx' });
    await rename(partial, path);
  }

  /** Undefined: there is no such file. */
  async read(name: string): Promise<unknown> {
    const text = await unlessMissing(readFile(join(this.path, name), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }
}
