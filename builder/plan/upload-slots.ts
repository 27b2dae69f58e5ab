/**
 * Which of the missing uploads begin now. Pure.
 *
 * A provider whose image store hangs holds its uploads for as long as `image-upload-timeout`, an hour by
 * default: one place is left for each other provider, as far as there are so many.
 */

export interface SlotInput<M extends { readonly provider: string }> {
  /** In the order in which they are to begin. */
  readonly missing: readonly M[];
  /** Of each upload that runs: its provider. */
  readonly running: readonly string[];
  /** Uploads at once. */
  readonly workers: number;
  /** Providers that get images. */
  readonly providers: number;
}

export function uploadsToBegin<M extends { readonly provider: string }>(input: SlotInput<M>): M[] {
  const { missing, workers, providers } = input;
  const most = Math.max(1, workers - Math.max(0, providers - 1));
  const running = [...input.running];
  const begin: M[] = [];
  for (const one of missing) {
    const own = running.filter((provider) => provider === one.provider).length;
    if (running.length >= workers || own >= most) continue;
    running.push(one.provider);
    begin.push(one);
  }
  return begin;
}
