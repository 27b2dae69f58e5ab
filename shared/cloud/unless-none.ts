/** Where "there is none" is an answer like any. */
import { hasCode } from '../base/errors.ts';

/** Undefined where the cloud says that there is nothing of that name. */
export async function unlessThereIsNone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'NP_CLOUD_NOT_FOUND')) return undefined;
    throw error;
  }
}
