/** The services of AWS that a provider uses. */
import { Blocks } from './blocks.ts';
import { Compute } from './compute.ts';
import { Images } from './images.ts';
import { Limits } from './limits.ts';
import type { Sdk } from './sdk.ts';
import { Storage } from './storage.ts';

export interface AwsServices {
  readonly compute: Compute;
  readonly images: Images;
  readonly storage: Storage;
  readonly blocks: Blocks;
  readonly limits: Limits;
  /** Ends all calls and connections. */
  close(): void;
}

export function openServices(sdk: Sdk): AwsServices {
  return {
    compute: new Compute(sdk.ec2),
    images: new Images(sdk.ec2),
    storage: new Storage(sdk.storage),
    blocks: new Blocks(sdk.ebs, sdk.ebsData),
    limits: new Limits(sdk.quotas),
    close: () => {
      sdk.close();
    },
  };
}
