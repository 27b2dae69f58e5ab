/**
 * Listings, page after page: all of it or an error, as half a listing looks like free quota, and like
 * machines that are gone.
 *
 * Where the next page is stands in one of three places:
 *
 *   nova, neutron, cinder   {"servers": [...], "servers_links": [{"rel": "next", "href": "..."}]}
 *   glance                  {"images": [...], "next": "/v2/images?marker=..."}
 *   any                     Link: <...>; rel="next"  (RFC 8288)
 *
 * Of the link only the query is taken, as Nodepool always did: behind a proxy its host and path may
 * lead nowhere.
 */
import { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';
import type { Service, ServiceAnswer, ServiceRequest } from './service.ts';

export interface Listing<S extends z.ZodType> {
  readonly path: string;
  readonly query?: ServiceRequest['query'];
  /** The name of the list in the answer, such as `servers`. */
  readonly key: string;
  /** Should be as tolerant as its use allows: one item that does not fit fails the whole listing. */
  readonly item: S;
  readonly microversion?: string;
  /** For each page. */
  readonly timeoutSeconds?: number;
}

/** More than any cloud has; a page holds up to a thousand items. */
const MOST_PAGES = 10_000;

type Query = NonNullable<ServiceRequest['query']>;

export async function listAll<S extends z.ZodType>(
  service: Service,
  listing: Listing<S>,
  signal: AbortSignal,
): Promise<z.output<S>[]> {
  const { path, key, item, microversion, timeoutSeconds } = listing;
  const call = `GET ${service.type} ${path}`;
  const items: z.output<S>[] = [];
  const seen = new Set<string>();
  let query: Query = listing.query ?? {};
  for (let count = 0; count < MOST_PAGES; count++) {
    const answer = await service.call(
      {
        method: 'GET',
        path,
        query,
        isShared: true,
        ...(microversion !== undefined && { microversion }),
        ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      },
      signal,
    );
    for (const one of itemsOf(answer.body, key, call)) items.push(read(item, one, call));
    const next = nextLink(answer, key);
    if (next === undefined) return items;
    const page = next.split('#')[0]?.split('?')[1] ?? '';
    if (page === '' || seen.has(page))
      throw notUnderstood(`${call}: the listing leads back to a page that was read`);
    seen.add(page);
    query = queryOf(page);
  }
  throw notUnderstood(`${call}: more than ${MOST_PAGES} pages`);
}

function itemsOf(body: unknown, key: string, call: string): readonly unknown[] {
  const items = z.object({ [key]: z.array(z.unknown()) }).safeParse(body).data?.[key];
  if (items === undefined) throw notUnderstood(`${call}: the answer has no list of ${key}`);
  return items;
}

function read<S extends z.ZodType>(schema: S, item: unknown, call: string): z.output<S> {
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  const id = z.object({ id: z.string() }).safeParse(item).data?.id ?? 'without an id';
  const [issue] = result.error.issues;
  const where = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`;
  throw notUnderstood(`${call}: item ${id} is not understood${where}`);
}

const links = z.array(z.object({ rel: z.string(), href: z.string() }));

/** Undefined: this was the last page. */
function nextLink({ headers, body }: ServiceAnswer, key: string): string | undefined {
  const record = z.record(z.string(), z.unknown()).safeParse(body).data ?? {};
  const list = links.safeParse(record[`${key}_links`] ?? record.links).data;
  const inList = list?.find(({ rel }) => rel === 'next')?.href;
  const direct = typeof record.next === 'string' ? record.next : undefined;
  return inList ?? direct ?? nextOfHeader(headers.get('link') ?? '');
}

/** Of `<a>; rel="first", <b>; rel="next"`. */
function nextOfHeader(header: string): string | undefined {
  for (const [, href, parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*("([^"]*\s)?next(\s[^"]*)?"|next\b)/i.test(parameters)) return href;
  return undefined;
}

function queryOf(text: string): Query {
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) (query[name] ??= []).push(value);
  return query;
}

function notUnderstood(message: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    hint: 'see that the endpoint in clouds.yaml or the catalog is that of the service',
  });
}
