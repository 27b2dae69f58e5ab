/** Keeps out of messages what credentials hold: whoever answers might repeat what it was sent. Pure. */
import type { Credentials } from './credentials.ts';

const SECRET_NAMES: readonly string[] = ['APIKEY', 'CLIENT_SECRET', 'PASSWORD', 'BEARER_TOKEN'];

export function hidden(text: string, { properties }: Credentials): string {
  let clean = text;
  for (const name of SECRET_NAMES) {
    const secret = properties[name];
    if (secret === undefined || secret === '') continue;
    clean = clean.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
  }
  return clean;
}
