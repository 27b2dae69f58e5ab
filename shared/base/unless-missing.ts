/** What is looked for among the files and may not be there, or be deleted meanwhile. */

/** Undefined: there is no such file or folder. All other errors of the system are passed on. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
