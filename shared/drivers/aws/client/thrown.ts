/**
 * What the SDK throws, told apart: an answer that is a refusal (errors.ts), credentials that could not
 * be had, and no answer at all.
 *
 * The SDK's own errors are not kept as causes: they hold the HTTP answer, and may quote what was sent.
 */
import { CloudError } from '../../../base/errors.ts';
import { isCredentialRefusal, refusalError } from './errors.ts';
import { noAnswerError } from './no-answer.ts';
import { shownWords } from './words.ts';

export interface ThrownFacts {
  /** AWS's name of the call, or `credentials`. */
  readonly call: string;
  readonly isReading: boolean;
  /** Whose credentials and region these are: `provider one`. */
  readonly section: string;
  /** `profile-name`. */
  readonly profile: string | undefined;
  readonly region: string | undefined;
  /** Whether AWS has taken credentials of this provider before. */
  readonly haveCredentialsWorked: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export function thrownError(thrown: unknown, facts: ThrownFacts): Error {
  if (thrown instanceof CloudError) return thrown;
  if (isProviderError(thrown)) return credentialsError(thrown, facts);
  const answer = answerOf(thrown);
  if (answer === undefined) return noAnswerError(thrown, facts);
  return refusalError({ ...facts, ...answer }, facts.nowMs);
}

/** Whether AWS refuses the credentials themselves. */
export function isCredentialsError(thrown: unknown): boolean {
  const answer = answerOf(thrown);
  return answer !== undefined && isCredentialRefusal(answer.code, answer.words);
}

/** Whether the call was refused for a wrong clock, and the next one will have AWS's time. */
export function isClockCorrected(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as SdkError).$metadata?.clockSkewCorrected === true;
}

/** AWS's error code of what the SDK throws. Undefined: it is no answer. */
export function codeOf(thrown: unknown): string | undefined {
  return answerOf(thrown)?.code;
}

interface Answer {
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly words: string;
  readonly retryAfter: string | null;
}

/** The SDK's errors, as far as we look at them. */
interface SdkError extends Error {
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    /** Our clock is wrong, and the SDK has learnt AWS's from this answer. */
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** Undefined: there was no answer. */
function answerOf(thrown: unknown): Answer | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { name, message, $metadata, $response } = thrown as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return undefined;
  // An answer that is none of AWS's: a proxy's page, or half of one.
  const isSorted = !NO_CODES.has(name);
  return {
    code: isSorted ? name : '',
    status,
    requestId: $metadata?.requestId,
    words: isSorted ? message : 'the answer is not understood',
    retryAfter: $response?.headers?.['retry-after'] ?? null,
  };
}

/** Names of errors that are JavaScript's or the SDK's, not AWS's. */
const NO_CODES: ReadonlySet<string> = new Set([
  ...['Error', 'SyntaxError', 'TypeError', 'RangeError', 'Unknown', 'UnknownError'],
  ...['TimeoutError', 'AbortError'],
]);

function isProviderError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && /(Credentials|Token)?ProviderError$/.test(thrown.name);
}

function credentialsError(thrown: Error, facts: ThrownFacts): CloudError {
  const { section, profile, haveCredentialsWorked } = facts;
  const who = profile === undefined ? '' : ` with profile ${profile}`;
  const message = `no AWS credentials for ${section}${who}: ${providerWords(thrown.message)}`;
  // Where they were had before, those who give them are away.
  if (haveCredentialsWorked)
    return new CloudError('NP_CLOUD_TRANSIENT', message, { labels: ['retryable', 'unreachable'] });
  const hint =
    profile === undefined
      ? `set AWS_ACCESS_KEY_ID and its like, write ~/.aws/credentials, or name a profile in ` +
        `profile-name of ${section}`
      : `correct profile-name of ${section}, or the profile in ~/.aws/config or ~/.aws/credentials ` +
        'of the user that runs this process: it must be there, and a credential_process must work';
  return new CloudError('NP_CLOUD_FATAL', message, { hint });
}

/** A command that gives credentials is quoted with its arguments, and with what it wrote. */
function providerWords(message: string): string {
  return message.includes('Command failed') ? 'its credential_process failed' : shownWords(message);
}
