/**
 * Which of our two shapes a client wants, by the rules of HTTP as the original applies them:
 * the offers are HTML (sent as plain text), plain text and JSON in this order, the client's
 * quality decides, and a tie goes to the earlier offer. So `application/json` alone gives JSON,
 * with any wildcard of equal quality beside it text. An unreadable header counts as none.
 */
export type Shape = 'text' | 'json';

const OFFERS = ['text/html', 'text/plain', 'application/json'] as const;

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/** Undefined: nothing that we have is acceptable. */
export function chooseShape(accept: string | undefined): Shape | undefined {
  const ranges = accept === undefined || accept.trim() === '' ? undefined : parseAccept(accept);
  if (ranges === undefined) return 'text';
  let best: { offer: string; quality: number } | undefined;
  for (const offer of OFFERS) {
    const quality = qualityOf(offer, ranges);
    if (quality > 0 && (best === undefined || quality > best.quality)) best = { offer, quality };
  }
  if (best === undefined) return undefined;
  return best.offer === 'application/json' ? 'json' : 'text';
}

/** How much the client wants this media type, from 0 to 1; undefined: it does not say, or not so that we understand. */
export function qualityFor(media: string, accept: string | undefined): number | undefined {
  const ranges = accept === undefined || accept.trim() === '' ? undefined : parseAccept(accept);
  return ranges && qualityOf(media, ranges);
}

/** The quality given by the most specific range that covers the offer. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  const [type, subtype] = offer.split('/');
  const exact = ranges.filter((one) => one.type === type && one.subtype === subtype);
  const byType = ranges.filter((one) => one.type === type && one.subtype === '*');
  const any = ranges.filter((one) => one.type === '*');
  const nearest = [exact, byType, any].find((some) => some.length > 0) ?? [];
  return Math.max(0, ...nearest.map((one) => one.quality));
}

/** More ranges than this are no honest header. */
const MAX_RANGES = 64;

function parseAccept(header: string): Range[] | undefined {
  const ranges: Range[] = [];
  for (const part of header.split(',')) {
    if (part.trim() === '') continue;
    const [media = '', ...parameters] = part.split(';').map((one) => one.trim());
    const match = /^([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)$/.exec(media);
    if (match === null || ranges.length >= MAX_RANGES) return undefined;
    const quality = qualityIn(parameters);
    if (quality === undefined) return undefined;
    const [, type = '', subtype = ''] = match;
    ranges.push({ type: type.toLowerCase(), subtype: subtype.toLowerCase(), quality });
  }
  return ranges.length === 0 ? undefined : ranges;
}

function qualityIn(parameters: readonly string[]): number | undefined {
  const parameter = parameters.find((one) => /^q\s*=/i.test(one));
  if (parameter === undefined) return 1;
  const value = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter)?.[1];
  return value === undefined ? undefined : Number(value);
}
