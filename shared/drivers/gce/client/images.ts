/** Images of any project. */
import { z } from 'zod';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';

import type { Caller } from './caller.ts';
import { readAnswer } from './read.ts';

const imageSchema = z.object({ name: z.string(), selfLink: z.string() });

export type GceImage = z.output<typeof imageSchema>;

export class Images {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The newest of the family that is not deprecated. Undefined: there is none. */
  async newestOf(
    project: string,
    family: string,
    signal: AbortSignal,
  ): Promise<GceImage | undefined> {
    const client = await this.#caller.sdk.images();
    return unlessThereIsNone(
      this.#caller.call(async (call) => {
        const [image] = await client.getFromFamily({ project, family }, call);
        return readAnswer(imageSchema, image, 'an image');
      }, signal),
    );
  }
}
