/** What Google says in the body of a refusal: its reasons and its words, for messages and the table. */
import { isRecord, oneLine, texts, withoutTags } from '../../../cloud/answer-words.ts';

export interface Words {
  /** `reason` of errors and of details, `error` of a refused token. */
  readonly reasons: readonly string[];
  /** In one line. */
  readonly message: string;
}

const MOST_LENGTH = 1000;

/** Of an API's JSON, of the token service's, or of what a proxy says. */
export function wordsOf(text: string): Words {
  const { reasons, message } = fromJson(text) ?? { reasons: [], message: withoutTags(text) };
  return { reasons: [...new Set(reasons)], message: oneLine(message).slice(0, MOST_LENGTH) };
}

/**
 *   {"error": {"code": 403, "message": "...", "errors": [{"reason": "..."}], "details": [...]}}
 *   {"error": "invalid_grant", "error_description": "..."}
 */
function fromJson(text: string): Words | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const { error, error_description: description } = json;
  if (typeof error === 'string') return { reasons: [error], message: texts(description).join('') };
  if (!isRecord(error)) return undefined;
  const { message, errors, details } = error;
  const parts: unknown[] = [errors, details].flatMap((one): unknown[] =>
    Array.isArray(one) ? one : [],
  );
  const reasons = parts.flatMap((one) => (isRecord(one) ? texts(one.reason) : []));
  return { reasons, message: texts(message).join('') };
}
