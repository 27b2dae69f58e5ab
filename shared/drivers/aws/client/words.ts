/** What AWS says, as it may be shown. Pure. */

/** More than this helps nobody. */
const MOST_CHARACTERS = 600;

/** Parts of AWS's texts that are of no use to readers, or none of their business. */
const HIDDEN: readonly (readonly [RegExp, string])[] = [
  // Hundreds of characters that only another call can read; CloudTrail has it by the request id.
  [/\s*Encoded authorization failure message:.*$/s, ''],
  // A wrong header is quoted with the signature, and what was signed.
  [/AWS4-HMAC-SHA256.*$/s, '...'],
  [/\b(Signature|X-Amz-Security-Token|X-Amz-Signature|X-Amz-Credential)=\S+/gi, '$1=...'],
  // Ids of access keys are no secrets, but they say whose the secret is.
  [/\b((?:AKIA|ASIA))[A-Z0-9]{12,}\b/g, '$1...'],
];

export function shownWords(text: string): string {
  let words = text;
  for (const [pattern, replacement] of HIDDEN) words = words.replace(pattern, replacement);
  words = words.replace(/\s+/g, ' ').trim();
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}...` : words;
}

/** Those of the ids that a text names. */
export function namedIds(text: string, ids: readonly string[]): readonly string[] {
  const words = new Set(text.split(/[^\w-]+/));
  return ids.filter((id) => words.has(id));
}
