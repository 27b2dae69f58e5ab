/**
 * What a cluster says in the body of a refusal: a `Status` object, or a proxy's own words.
 *
 * Facts: kubernetes.io, API conventions, "Response Status Kind".
 */
import { isRecord, oneLine, withoutTags } from '../../../cloud/answer-words.ts';

export interface Status {
  /** The cluster's word: `NotFound`, `AlreadyExists`. Undefined: the body is no Status. */
  readonly reason: string | undefined;
  /** In one line. */
  readonly message: string;
  /** Reasons of the causes. */
  readonly causes: readonly string[];
  /** Undefined: it does not say. */
  readonly retryAfterSeconds: number | undefined;
  /** Of the object that it is about. */
  readonly name: string | undefined;
}

const MOST_LENGTH = 1000;

export function statusOf(text: string): Status {
  const body = jsonOf(text);
  if (!isRecord(body) || body.kind !== 'Status') return wordsAlone(plain(text));
  const details = isRecord(body.details) ? body.details : {};
  const causes: readonly unknown[] = Array.isArray(details.causes) ? details.causes : [];
  const { retryAfterSeconds } = details;
  return {
    reason: textOf(body.reason) ?? '',
    message: shortLine(textOf(body.message) ?? ''),
    causes: causes.flatMap((cause) => (isRecord(cause) ? (textOf(cause.reason) ?? []) : [])),
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : undefined,
    name: textOf(details.name),
  };
}

function wordsAlone(message: string): Status {
  return { reason: undefined, message, causes: [], retryAfterSeconds: undefined, name: undefined };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without the tags of a proxy's page. */
function plain(text: string): string {
  const start = text.slice(0, 20 * MOST_LENGTH);
  return shortLine(withoutTags(start));
}

function shortLine(text: string): string {
  return oneLine(text).slice(0, MOST_LENGTH);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
