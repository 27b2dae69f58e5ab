/**
 * Azurite, Microsoft's own stand-in for Azure Storage, as a disk's upload sees it: page blobs that who
 * has a signature may write to. `azurite-up.sh` of the shared tools starts it; README.md says what it
 * needs.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
  type ContainerClient,
} from '@azure/storage-blob';
import { run } from '../../../fixtures/processes/run.ts';
import { projectRoot } from '../../support/peers.ts';

const PORT = '15610';

export class Azurite {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly #credential: StorageSharedKeyCredential;
  readonly #container: ContainerClient;
  readonly #stop: () => Promise<unknown>;

  private constructor(output: string, stop: () => Promise<unknown>) {
    const setting = (name: string): string =>
      new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
    const url = setting('AZURITE_URL');
    this.origin = new URL(url).origin;
    const account = setting('AZURITE_ACCOUNT');
    this.#credential = new StorageSharedKeyCredential(account, setting('AZURITE_KEY'));
    const service = new BlobServiceClient(url, this.#credential);
    this.#container = service.getContainerClient(`disks-${randomBytes(4).toString('hex')}`);
    this.#stop = stop;
  }

  /** Undefined: there are no shared tools. What it installs stays for the next time. */
  static async start(): Promise<Azurite | undefined> {
    const tools = resolve(projectRoot, process.env.NODEPOOL_TOOLS ?? '../shared/tools');
    const tool = join(tools, 'azurite-up.sh');
    if (!existsSync(tool)) return undefined;
    const work = join(tmpdir(), 'nodepool-azurite');
    const options = { env: { ...process.env, AZURITE_PORT: PORT } };
    const output = await run(tool, ['up', work], options);
    const azurite = new Azurite(output, async () => {
      await run(tool, ['down', work], options);
      await rm(join(work, 'data'), { recursive: true, force: true });
    });
    await azurite.#container.create();
    return azurite;
  }

  async stop(): Promise<void> {
    await this.#container.delete();
    await this.#stop();
  }

  /** A page blob that reads as zeros, as the Resource Manager makes one for a disk. */
  async create(name: string, bytes: number): Promise<void> {
    await this.#container.getPageBlobClient(name).create(bytes);
  }

  /** An address that lets anybody write for so long, by way of `origin`. */
  addressOf(name: string, seconds: number, origin = this.origin): string {
    const { containerName } = this.#container;
    const signed = generateBlobSASQueryParameters(
      {
        ...{ containerName, blobName: name, permissions: BlobSASPermissions.parse('rw') },
        expiresOn: new Date(Date.now() + seconds * 1000),
      },
      this.#credential,
    );
    const { pathname } = new URL(this.#container.getPageBlobClient(name).url);
    return `${origin}${pathname}?${signed.toString()}`;
  }

  read(name: string, offset: number, bytes: number): Promise<Buffer> {
    return this.#container.getPageBlobClient(name).downloadToBuffer(offset, bytes);
  }

  /** Where something was written: first byte and number of bytes, neighbours as one. */
  async written(name: string): Promise<[offset: number, bytes: number][]> {
    const { pageRange = [] } = await this.#container.getPageBlobClient(name).getPageRanges();
    // The client subtracts the first byte's place from the last one's.
    return pageRange.map(({ offset, count = 0 }) => [offset, count + 1]);
  }
}
