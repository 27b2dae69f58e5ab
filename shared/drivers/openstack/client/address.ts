/** Addresses that come from clouds.yaml or the catalog, checked before anything is sent to them. */
import { CloudError } from '../../../base/errors.ts';

/** Without query and fragment. `whose`: what the address is, for the error. */
export function checkedAddress(text: string, whose: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CloudError('NP_CLOUD_FATAL', `${whose} is no address of HTTP`);
  // Node's fetch refuses them, and with the password in its message.
  if (url.username !== '' || url.password !== '')
    throw new CloudError('NP_CLOUD_FATAL', `${whose} has a user or a password in it`);
  return url.origin + url.pathname.replace(/\/+$/, '');
}
