/** What goes wrong between us and the daemon, in words and labels of ours. Pure. */
import { messageOf, NodepoolError, type ErrorOptions } from '../../../shared/base/errors.ts';

/** As dockerode throws it: of an answer, or of the system. */
interface Raw {
  readonly statusCode?: unknown;
  readonly code?: unknown;
}

const NOT_FOUND = 404;
/** Said of a container that is being removed. */
const GOING = 'dead or marked for removal';
/** A proxy before the daemon that does not reach it. */
const GATEWAY = new Set([502, 503, 504]);

/** `doing`: what failed, the beginning of the message. */
export function daemonError(error: unknown, doing: string, address: string): NodepoolError {
  if (error instanceof NodepoolError) return error;
  const { statusCode, code } = (error ?? {}) as Raw;
  const make = (reason: string, options: ErrorOptions): NodepoolError =>
    new NodepoolError('NP_BUILD_RUNNER', `${doing}: ${reason}`, { ...options, cause: error });
  if (typeof statusCode === 'number' && !GATEWAY.has(statusCode)) {
    const answer = answerOf(error);
    const isGone = statusCode === NOT_FOUND || answer.includes(GOING);
    return make(answer, { labels: isGone ? ['notFound'] : [] });
  }
  if (typeof code === 'string' || typeof statusCode === 'number')
    return make(`no Docker daemon answers at ${address} (${messageOf(error)})`, {
      labels: ['unreachable'],
      hint: hintOf(code),
    });
  return make(messageOf(error), {});
}

function hintOf(code: unknown): string {
  return code === 'EACCES'
    ? 'Let the user of the builder use the daemon: on most systems, put it into the group docker.'
    : 'Start the daemon, name another one in extensions: builder: container: host, or build without one: extensions: builder: runner: process.';
}

/** The daemon's own words, without what dockerode puts before them. */
function answerOf(error: unknown): string {
  return messageOf(error)
    .replace(/^\(HTTP code \d+\) .*? - /, '')
    .trim();
}
