/**
 * `POST /api/...`: what operators do through the web, with the admin token as bearer. No page of another
 * site can send that header, and cookies are not looked at; so nothing else keeps such pages away.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { Clock } from '../../base/clock.ts';
import { hasCode, hasLabel, messageOf, NodepoolError } from '../../base/errors.ts';
import type { LogFields, Logger } from '../../base/log.ts';
import { withDeadline } from '../../base/wait.ts';
import { sendText } from '../app.ts';
import { only } from '../methods.ts';
import type { ActionResult, Actions } from './actions.ts';
import type { AdminGate } from './gate.ts';

export interface ActionRoutesOptions {
  readonly gate: AdminGate;
  readonly actions: Actions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the server ends. */
  readonly signal: AbortSignal;
}

/** ZooKeeper may be away. Less than the server keeps a connection on which nothing moves (app.ts). */
const DEADLINE_MS = 8000;

export const holdBodySchema = z.strictObject({
  /** Why the node is held. */
  comment: z.string().max(1000).optional(),
});

type Act = (
  actions: Actions,
  name: string,
  wish: { readonly comment: string | undefined; readonly signal: AbortSignal },
) => Promise<ActionResult>;

export const NODE_ACTIONS: Readonly<Record<string, Act>> = {
  hold: (actions, id, { comment, signal }) => actions.holdNode(id, comment, signal),
  delete: (actions, id, { signal }) => actions.deleteNode(id, signal),
};

export const IMAGE_ACTIONS: Readonly<Record<string, Act>> = {
  pause: (actions, name, { signal }) => actions.pauseImage(name, signal),
  unpause: (actions, name, { signal }) => actions.unpauseImage(name, signal),
  build: (actions, name, { signal }) => actions.buildImage(name, signal),
};

export function addActions(app: FastifyInstance, options: ActionRoutesOptions): void {
  only(app, '/api/check', ['POST'], async (request, reply) => {
    if (await options.gate.admits(request, reply)) return reply.code(204).send();
    return reply;
  });
  for (const [action, act] of Object.entries(NODE_ACTIONS))
    addAction(app, { path: `/api/nodes/:name/${action}`, action, act }, options);
  for (const [action, act] of Object.entries(IMAGE_ACTIONS))
    addAction(app, { path: `/api/images/:name/${action}`, action, act }, options);
}

function addAction(
  app: FastifyInstance,
  { path, action, act }: { readonly path: string; readonly action: string; readonly act: Act },
  options: ActionRoutesOptions,
): void {
  const { gate, actions } = options;
  only(app, path, ['POST'], async (request, reply) => {
    if (!(await gate.admits(request, reply))) return reply;
    const body = readBody(request.body, action);
    if (typeof body === 'string') return sendText(reply, 400, `Bad Request: ${body}`);
    const { name } = request.params as { readonly name: string };
    const { comment } = body;
    const said = { action, on: name, address: request.ip, ...(comment && { comment }) };
    const { status, message } = await perform(options, said, (signal) =>
      act(actions, name, { comment, signal }),
    );
    if (status === 503) void reply.header('Retry-After', '10');
    return reply
      .code(status)
      .header('Cache-Control', 'no-store')
      .type('application/json')
      .send(JSON.stringify({ message }));
  });
}

interface Outcome {
  readonly status: number;
  readonly message: string;
}

/** Never fails; whatever comes of it is logged, with the fields. */
async function perform(
  { clock, log, signal }: ActionRoutesOptions,
  fields: LogFields,
  work: (signal: AbortSignal) => Promise<ActionResult>,
): Promise<Outcome> {
  const error = (): Error =>
    new NodepoolError('NP_ABORTED', 'ZooKeeper does not answer; it may yet be done', {
      labels: ['retryable', 'ambiguous'],
    });
  try {
    const result = await withDeadline({ clock, ms: DEADLINE_MS, signal, error }, work);
    const { status, message } = result;
    if (status === 200) log.info('an operator acts', { ...fields, message });
    else log.warn('an action was refused', { ...fields, reason: message });
    return result;
  } catch (cause) {
    log.warn('an action failed', { ...fields, reason: messageOf(cause) });
    return failure(cause);
  }
}

function failure(error: unknown): Outcome {
  const message = messageOf(error);
  if (hasLabel(error, 'retryable') || hasLabel(error, 'ambiguous')) return { status: 503, message };
  if (hasCode(error, 'NP_RECORD_CORRUPT')) return { status: 409, message };
  return { status: 500, message: 'it failed; the log of the launcher says why' };
}

/** Answers what is wrong as a text. */
function readBody(body: unknown, action: string): z.output<typeof holdBodySchema> | string {
  if (typeof body !== 'string' || body.trim() === '') return {};
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    return 'the body is no JSON';
  }
  const schema = action === 'hold' ? holdBodySchema : z.strictObject({});
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  return `the body: ${parsed.error.issues[0]?.message ?? 'not understood'}`;
}
