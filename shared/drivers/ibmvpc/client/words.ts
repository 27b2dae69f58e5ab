/** What IBM says in the body of a refusal: its codes and its words, for messages and the table. */
import { isRecord, oneLine, texts, withoutTags } from '../../../cloud/answer-words.ts';

export interface Words {
  readonly codes: readonly string[];
  /** In one line. */
  readonly message: string;
}

const MOST_LENGTH = 1000;

/** Of VPC, the resource controller, IAM, or of what a proxy says. */
export function wordsOf(text: string): Words {
  const found = fromJson(text) ?? { codes: [], messages: [withoutTags(text)] };
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
  // VPC has a list; the others are one.
  const all = [json, ...(Array.isArray(json.errors) ? (json.errors as unknown[]) : [])];
  const found = all.filter(isRecord);
  return {
    codes: found.flatMap((one) => texts(one.code, one.error_code, one.errorCode)),
    messages: found.flatMap((one) =>
      texts(one.message, one.errorMessage, one.details, one.errorDetails, one.error_description),
    ),
  };
}
