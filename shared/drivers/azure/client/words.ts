/** What Azure says in the body of a refusal: its codes and its words, for messages and the table. */
import { isRecord, oneLine, texts, withoutTags } from '../../../cloud/answer-words.ts';

export interface Words {
  /** The outermost first, then those of what it is made of. */
  readonly codes: readonly string[];
  /** In one line; the causes' words after their effect's. */
  readonly message: string;
}

const MOST_LENGTH = 1000;
const DEEPEST = 8;

/** Of ARM's or Entra ID's JSON, of storage's XML, or of what a proxy says. */
export function wordsOf(text: string): Words {
  const found = fromJson(text) ?? fromXml(text) ?? { codes: [], messages: [withoutTags(text)] };
  const messages = [...new Set(found.messages.map(oneLine).filter((one) => one !== ''))];
  return { codes: [...new Set(found.codes)], message: messages.join(' ').slice(0, MOST_LENGTH) };
}

interface Found {
  readonly codes: readonly string[];
  readonly messages: readonly string[];
}

function fromJson(text: string): Found | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const { error, error_description: description } = json;
  // Entra ID's form.
  if (typeof error === 'string') return { codes: texts(error), messages: texts(description) };
  return inside(error ?? json, 0);
}

function inside(error: unknown, depth: number): Found {
  if (!isRecord(error) || depth > DEEPEST) return { codes: [], messages: [] };
  const { code, message, details, innererror } = error;
  const causes: unknown[] = Array.isArray(details) ? details : [];
  const deeper = [...causes, innererror].map((one) => inside(one, depth + 1));
  return {
    codes: [...texts(code), ...deeper.flatMap((one) => one.codes)],
    messages: [...texts(message), ...deeper.flatMap((one) => one.messages)],
  };
}

function fromXml(text: string): Found | undefined {
  const [, code] = /<Code>([^<]*)<\/Code>/.exec(text) ?? [];
  if (code === undefined) return undefined;
  const [, message] = /<Message>([^<]*)/.exec(text) ?? [];
  return { codes: [code], messages: texts(message) };
}
