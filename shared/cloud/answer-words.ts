/** What answers of any cloud are read with: JSON whose form nobody promises, and pages of proxies. Pure. */

/** Without the tags of a proxy's page. */
export function withoutTags(text: string): string {
  return text.replaceAll(/<style[^>]*>.*?<\/style>/gis, ' ').replaceAll(/<[^>]*>/g, ' ');
}

/** All white space is one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Those of the values that are texts, and not empty. */
export function texts(...values: readonly unknown[]): readonly string[] {
  return values.filter((one): one is string => typeof one === 'string' && one !== '');
}

/** Whether it is an object in JSON. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An answer that is no success. */
interface Refused {
  readonly call: string;
  readonly status: number;
  /** The cloud's name of the request. */
  readonly requestId?: string | undefined;
}

/** A refusal in one line: call, status, request, and what the cloud said, as far as it did. */
export function refusalText({ call, status, requestId }: Refused, ...said: string[]): string {
  const id = requestId === undefined ? '' : ` (${requestId})`;
  return [`${call}: status ${status}${id}`, ...texts(...said)].join(': ');
}
