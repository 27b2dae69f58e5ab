/** Text that others wrote, fit for one line of a terminal: records may hold anything. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
}
