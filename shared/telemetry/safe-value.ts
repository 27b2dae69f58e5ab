/**
 * Makes any value fit for a log line: no secrets, no cycles, bounded in depth and size.
 *
 * Redaction goes by the name of a key (`password`, `auth_token`, `env-vars`, ...) and by what is
 * easily recognised in a text: private keys, passwords in URLs, bearer tokens. It is a net below
 * the callers, not a licence: a secret under an innocent name in a shape unknown here gets through.
 * `connection_port` of Kubernetes nodes is an object that holds credentials, hence its own rule.
 */

const REDACTED = 'redacted';

/** The longest text of one value; longer ones are cut and say so. */
const MAX_TEXT = 8192;
const MAX_DEPTH = 6;
/** Values in one log line, over all levels; what lies beyond is left out. */
const MAX_VALUES = 500;
/** Causes of an error that are shown. */
const MAX_CAUSES = 8;

const SECRET_KEY =
  /pass(?:word|wd|phrase)|(?:^|[-_])pass$|secret|token|credential|authorization|cookie|(?:private|access|api|shared|account|encryption|client)[-_]?key(?!_?(?:id|name|file|path))|^auth$/i;
/** Objects whose values are secret as a whole, though their keys may be shown. */
const SECRET_MAP = /^env[-_]?vars$/i;

/** One quick look tells for nearly all texts that there is nothing to replace. */
const SUSPICIOUS = /PRIVATE KEY|:\/\/|bearer|basic|pass|secret|token/i;
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/(\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${REDACTED}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/((?:password|passwd|secret|token)["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi, `$1${REDACTED}`],
];

/** Answers of SECRET_KEY: the same few names come with every line. */
const knownKeys = new Map<string, boolean>();
const MAX_KNOWN_KEYS = 1000;

function isSecretKey(key: string): boolean {
  let isSecret = knownKeys.get(key);
  if (isSecret === undefined) {
    isSecret = SECRET_KEY.test(key);
    if (knownKeys.size < MAX_KNOWN_KEYS) knownKeys.set(key, isSecret);
  }
  return isSecret;
}

/** A text without the secrets that can be recognised in it. */
export function safeText(text: string): string {
  let safe = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}... (cut)` : text;
  if (!SUSPICIOUS.test(safe)) return safe;
  for (const [pattern, replacement] of REPLACEMENTS) safe = safe.replace(pattern, replacement);
  return safe;
}

/** What may be written for a field. */
export function safeField(key: string, value: unknown): unknown {
  return fieldOf(key, value, { left: MAX_VALUES }, 0);
}

interface Budget {
  left: number;
}

function fieldOf(key: string, value: unknown, budget: Budget, depth: number): unknown {
  if (value === null || value === undefined) return value;
  if (isSecretKey(key)) return typeof value === 'boolean' ? value : REDACTED;
  if (key === 'connection_port' && typeof value === 'object') return REDACTED;
  if (SECRET_MAP.test(key)) return keysOnly(value);
  return valueOf(value, budget, depth);
}

function keysOnly(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return REDACTED;
  return Object.fromEntries(
    Object.keys(value)
      .slice(0, MAX_VALUES)
      .map((key) => [key, REDACTED]),
  );
}

function valueOf(value: unknown, budget: Budget, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return safeText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
    case 'symbol':
      return value.toString();
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : objectOf(value, budget, depth);
  }
}

function objectOf(value: object, budget: Budget, depth: number): unknown {
  if (--budget.left < 0 || depth >= MAX_DEPTH) return '...';
  try {
    if (value instanceof Error) return errorOf(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof URL) return safeText(value.href);
    if (value instanceof Map) return entriesOf([...value], budget, depth);
    if (Array.isArray(value) || value instanceof Set) return listOf(value, budget, depth);
    return entriesOf(Object.entries(value), budget, depth);
  } catch {
    return '[unreadable]';
  }
}

function listOf(list: Iterable<unknown>, budget: Budget, depth: number): unknown[] {
  const safe: unknown[] = [];
  for (const item of list) {
    if (--budget.left < 0) {
      safe.push('...');
      break;
    }
    safe.push(valueOf(item, budget, depth + 1));
  }
  return safe;
}

function entriesOf(entries: Iterable<[unknown, unknown]>, budget: Budget, depth: number): unknown {
  const safe: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (--budget.left < 0) {
      safe['...'] = true;
      break;
    }
    safe[String(key)] = fieldOf(String(key), value, budget, depth + 1);
  }
  return safe;
}

/** An error as data. The stack is the first error's own, which has the way to it. */
export interface SafeError {
  readonly type: string;
  readonly code?: string | number;
  readonly message: string;
  readonly hint?: string;
  /** `code: message` of each cause, from the nearest on. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** Makes an error (or whatever was thrown) plain; `stack` only where somebody debugs. */
export function errorOf(error: unknown, options: { stack?: boolean } = {}): SafeError {
  if (!(error instanceof Error)) {
    const plain = valueOf(error, { left: MAX_VALUES }, 0);
    return {
      type: typeof error,
      message: typeof plain === 'string' ? plain : JSON.stringify(plain ?? null),
    };
  }
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  const causes = causesOf(error);
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: safeText(error.message),
    ...(typeof hint === 'string' ? { hint: safeText(hint) } : {}),
    ...(causes.length > 0 ? { causes } : {}),
    ...(options.stack === true && error.stack ? { stack: safeText(error.stack) } : {}),
  };
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let current: unknown = error.cause;
  while (current !== undefined && causes.length < MAX_CAUSES) {
    const { code, message } = errorWithoutCauses(current);
    causes.push(code === undefined ? message : `${code}: ${message}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return causes;
}

function errorWithoutCauses(error: unknown): { code?: string | number; message: string } {
  if (!(error instanceof Error)) return errorOf(error);
  const { code } = error as { code?: unknown };
  const message = safeText(error.message);
  return typeof code === 'string' || typeof code === 'number' ? { code, message } : { message };
}
