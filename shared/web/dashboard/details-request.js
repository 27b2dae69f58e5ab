/**
 * One request, and why it is where it is: the launcher explains it at `/explain/<id>`, asked again while
 * the panel is open and something changes.
 *
 * @import { RequestRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 * @import { Details } from './details.js'
 * @import { LauncherExplanation } from '../../../schemas/explanation.ts'
 */
import { h, setText } from './dom.js';
import { explanationParts } from './explanation.js';
import { drawFacts, factList } from './facts.js';
import { duration, moment } from './format.js';
import { hrefOf } from './links.js';
import { reasonsOf } from './request-reasons.js';
import { fillState } from './state-mark.js';
import { sayLabels, sinceOf } from './view-requests.js';

/** It decides anew for each question, so not at each change. */
const PAUSE_MS = 2000;
const PATIENCE_MS = 10_000;

/**
 * @param {ViewContext} context
 * @param {string} id
 * @returns {Details}
 */
export function requestDetails({ cluster }, id) {
  const state = h('p', { class: 'details-state' });
  const reason = h('p', { class: 'reason-line' });
  const list = factList();
  const trouble = h('p', { class: 'problem', hidden: true });
  const explanation = explanationParts();
  const element = h(
    'div',
    {},
    state,
    reason,
    trouble,
    explanation.element,
    h('h3', {}, 'Facts'),
    list,
  );
  const asking = new AbortController();
  let askedMs = -Infinity;
  let isAsking = false;

  async function askWhy() {
    isAsking = true;
    askedMs = performance.now();
    try {
      const said = await explain(id, asking.signal);
      if (said) explanation.draw(said, cluster.now());
      trouble.hidden = true;
    } catch (error) {
      if (asking.signal.aborted) return;
      trouble.hidden = false;
      setText(
        trouble,
        `The launcher does not explain it: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      isAsking = false;
    }
  }

  return {
    element,
    draw: () => {
      const request = cluster.rows('requests').get(id);
      if (request === undefined) return !cluster.isSynced('requests');
      fillState(state, request.state, {
        text: `${request.state} for ${duration(cluster.now() - request.state_time)}`,
      });
      setText(reason, reasonsOf(cluster.status).get(id)?.reason ?? '');
      drawFacts(list, factsOf(request, cluster.now()));
      if (!isAsking && performance.now() - askedMs >= PAUSE_MS && cluster.link.kind === 'live')
        void askWhy();
      return true;
    },
    close: () => {
      asking.abort();
    },
  };
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<LauncherExplanation | undefined>} undefined: there is no such request
 */
async function explain(id, signal) {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`/explain/${encodeURIComponent(id)}`, {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.any([signal, patience]),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  /** @type {unknown} */
  const said = await response.json();
  return /** @type {LauncherExplanation} */ (said);
}

/**
 * @param {RequestRow} request
 * @param {number} now
 * @returns {import('./facts.js').Fact[]}
 */
function factsOf(request, now) {
  const since = sinceOf(request);
  return [
    ['Labels', sayLabels(request.labels)],
    ['Nodes', request.nodes.map((id) => ({ text: id, href: hrefOf('node', id) }))],
    ['Priority', request.priority === null ? null : String(request.priority)],
    ['Asked for', `${moment(since, now)}, ${duration(now - since)} ago`],
    ['Requestor', request.requestor],
    ['Tenant', request.tenant],
    ['Event', request.event_id],
    ['Declined by', request.declined_by.join(', ')],
  ];
}
