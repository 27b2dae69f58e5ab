/** What there is to choose from, for the hints of errors. */

/** More names than this help nobody. */
const MOST_NAMES = 40;

export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none that we may use';
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return names.slice(0, MOST_NAMES).join(', ') + more;
}
