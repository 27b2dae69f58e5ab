/** `--url`: addresses of web servers on the command line; a wrong one is an error of the command line. */
import type { Argv } from 'yargs';

import { splitRepeated } from './repeated.ts';

/** May be given several times; gives a list, or undefined. `whose`: `a launcher`. */
export function urlsOption(parser: Argv, whose: string): Argv {
  return parser.option('url', {
    string: true,
    requiresArg: true,
    coerce: (urls: string | undefined) =>
      urls === undefined ? undefined : splitRepeated(urls).map(toUrl),
    describe: `web server of ${whose}; may be repeated. Default: where ZooKeeper says that they run`,
  });
}

export function toUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new Error(`--url ${text}: not an address like http://launcher.example.org:8005`);
}
