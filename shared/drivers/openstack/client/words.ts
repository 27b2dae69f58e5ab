/**
 * What a service says of its refusal, whichever shape it gives it:
 *
 *   nova, cinder       {"badRequest": {"message": "...", "code": 400}}
 *   keystone           {"error": {"message": "...", "code": 401, "title": "..."}}
 *   neutron            {"NeutronError": {"type": "OverQuota", "message": "...", "detail": ""}}
 *   placement, newer   {"errors": [{"title": "...", "detail": "...", "code": "..."}]}
 *   webob              {"message": "...", "code": "403 Forbidden", "title": "Forbidden"}
 *   glance, proxies    HTML or plain text
 *
 * The words get into logs and into the records of requests, so what a service repeats of our request
 * (user data, passwords) is cut out, and long texts are cut off.
 */

/** Of a refusal; both empty where nothing was said. */
export interface Words {
  /** The service's own name for the error: neutron's `type`, a `code` that is a word. */
  readonly type: string;
  readonly message: string;
}

const MOST_CHARACTERS = 600;
/** Shapes are two or three levels deep. */
const MOST_DEPTH = 3;

/** `body`: the JSON, if it is any; `text`: as it came; `secrets` become `***`. */
export function wordsOf(body: unknown, text: string, secrets: readonly string[] = []): Words {
  const found = isRecord(body) ? search(body, 0) : undefined;
  // Twice: what is plain in JSON may have been written with entities in HTML.
  const said = hidden(plainText(hidden(found?.message ?? text, secrets)), secrets);
  return { type: hidden(found?.type ?? '', secrets), message: shortened(withoutEcho(said)) };
}

/** In plain and as JSON and Python write it between quotes. */
function hidden(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    const escaped = JSON.stringify(secret).slice(1, -1);
    for (const form of new Set([secret, escaped, escaped.replaceAll('\\"', '"')]))
      if (form !== '') result = result.replaceAll(form, '***');
  }
  return result;
}

function search(record: Readonly<Record<string, unknown>>, depth: number): Words | undefined {
  const message = firstText(record, ['message', 'detail', 'error_message', 'faultstring']);
  if (message !== undefined)
    return { type: firstText(record, ['type', 'code', 'title']) ?? '', message };
  if (depth === MOST_DEPTH) return undefined;
  for (const [key, value] of Object.entries(record)) {
    const inner: unknown = Array.isArray(value) ? value[0] : value;
    if (isRecord(inner)) {
      const words = search(inner, depth + 1);
      if (words !== undefined) return words.type === '' ? { ...words, type: key } : words;
    } else if (typeof inner === 'string' && /error|fault/i.test(key))
      return { type: key, message: inner };
  }
  const title = firstText(record, ['title']);
  return title === undefined ? undefined : { type: '', message: title };
}

function firstText(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = record[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}

/** Without tags, entities and line breaks. */
function plainText(text: string): string {
  return text
    .replace(/<(head|script|style)\b.*?<\/\1>/gis, ' ')
    .replace(/<\/?[a-z][^<>]*>/gi, ' ')
    .replace(/&(quot|#34|apos|#39|lt|gt|nbsp|amp);/g, (_, name: string) => ENTITIES[name] ?? ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ quot: '"', '#34': '"', apos: "'", '#39': "'" },
  ...{ lt: '<', gt: '>', nbsp: ' ', amp: '&' },
};

/** Values longer than this are left out of nova's complaints about a field. */
const MOST_OF_A_VALUE = 64;

/**
 * Nova answers to a value that its schema refuses with the field, the whole value, and a sentence
 * that often has the value once more. Field and reason are kept where the value is short and of a
 * field that is nobody's secret. Text: nova/api/validation/validators.py.
 */
function withoutEcho(message: string): string {
  const match = /^(.*?Invalid input for field\/attribute (\S+?))\. Value: (.*)$/s.exec(message);
  if (match === null) return message;
  const [, complaint = '', field = '', rest = ''] = match;
  const end = rest.lastIndexOf('. ', rest.length - 2);
  const [value, reason] = end < 0 ? [rest, ''] : [rest.slice(0, end), rest.slice(end + 2)];
  if (/user_data|pass|personality|contents|secret/i.test(field)) return complaint;
  if (value.length <= MOST_OF_A_VALUE && !/^[[{]/.test(value)) return message;
  return reason === '' || /[[{]/.test(reason) ? complaint : `${complaint}. ${reason}`;
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}...`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
