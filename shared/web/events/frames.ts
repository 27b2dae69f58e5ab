/** The words of server-sent events, as bytes, so that all readers share them. Pure. */

/** Keeps proxies from ending a connection on which nothing happens. */
export const PING = Buffer.from(': ping\n\n');

/** `json` is one line. */
export function eventFrame(event: string, json: string): Buffer {
  return Buffer.from(`event: ${event}\ndata: ${json}\n\n`);
}

/** `set`: rows as JSON; `gone`: ids. */
export function changeFrame(
  topic: string,
  { set, gone }: { readonly set: readonly string[]; readonly gone: readonly string[] },
): Buffer {
  const head = `{"topic":${JSON.stringify(topic)}`;
  return eventFrame('change', `${head},"set":[${set.join(',')}],"gone":${JSON.stringify(gone)}}`);
}
