/** Tags as AWS writes them, and as Nodepool does. Pure. */

/** The part of the SDK's Tag types that all services share. */
export interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Undefined, as AWS answers where there are none, is no tags. */
export function tagRecord(tags: readonly AwsTag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
