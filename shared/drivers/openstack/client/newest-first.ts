/** By `created_at`, which is text of the same form within one service. What has none is oldest. */
export function newestFirst<T extends { readonly created_at?: string | null | undefined }>(
  items: readonly T[],
): T[] {
  const age = ({ created_at: created }: T): string => created ?? '';
  return items.toSorted((a, b) => (age(a) < age(b) ? 1 : -1));
}
