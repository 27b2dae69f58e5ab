/**
 * One node, and what may be done to it.
 *
 * @import { Change, NodeRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 * @import { Details } from './details.js'
 */
import { ask } from './dialogs.js';
import { h, replaceContent } from './dom.js';
import { drawFacts, factList } from './facts.js';
import { duration, moment } from './format.js';
import { hrefOf } from './links.js';
import { fillState } from './state-mark.js';

/**
 * @param {ViewContext} context
 * @param {string} id
 * @returns {Details}
 */
export function nodeDetails(context, id) {
  const { cluster, actions } = context;
  const state = h('p', { class: 'details-state' });
  const buttons = h('div', { class: 'buttons' });
  const list = factList();
  const element = h('div', {}, state, buttons, list);
  let offered = '';
  return {
    element,
    draw: () => {
      const node = cluster.rows('nodes').get(id);
      const offer = JSON.stringify([actions.mayAct, node?.state]);
      if (offer !== offered)
        replaceContent(buttons, ...(actions.mayAct && node ? buttonsFor(context, node) : []));
      offered = offer;
      if (node === undefined) return !cluster.isSynced('nodes');
      fillState(state, node.state, {
        text: `${node.state} for ${duration(cluster.now() - node.state_time)}`,
      });
      drawFacts(list, factsOf(node, cluster.now()));
      return true;
    },
  };
}

/**
 * @param {NodeRow} node
 * @param {number} now
 * @returns {import('./facts.js').Fact[]}
 */
function factsOf(node, now) {
  const { allocated_to: request } = node;
  return [
    ['Labels', node.labels.join(', ')],
    ['Provider', node.provider],
    ['Pool', node.pool],
    ['Request', request && { text: request, href: hrefOf('request', request) }],
    ['Requestor', node.requestor],
    ['Tenant', node.tenant],
    ['Locked', node.locked ? 'yes, somebody uses or changes it' : 'no'],
    ['Held for', node.hold_job],
    ['Comment', node.comment],
    ['Host name', node.hostname],
    ['Public IPv4', node.public_ipv4],
    ['Private IPv4', node.private_ipv4],
    ['IPv6', node.public_ipv6],
    ['Zone', node.az],
    ['Id in the cloud', node.external_id],
    ['Launcher', node.launcher],
    ['In this state since', moment(node.state_time, now)],
  ];
}

/**
 * @param {ViewContext} context
 * @param {NodeRow} node
 */
function buttonsFor({ actions, announcer }, { id, state, hostname, labels }) {
  const what = `${labels.join(', ')}${hostname ? `, ${hostname}` : ''}, ${state}`;
  /**
   * @param {'hold' | 'delete'} action
   * @param {object} body
   * @param {string} done
   */
  const act = async (action, body, done) => {
    const answer = await actions.act('nodes', id, action, body);
    if (answer.isDone) announcer.show(answer.text || done);
    return answer.isDone ? undefined : answer.text;
  };
  const hold = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        ask({
          title: `Hold node ${id}?`,
          text: `It stays as it is until somebody deletes it (${what}).`,
          verb: 'Hold',
          field: { label: 'Comment, for others to read', name: 'comment' },
          act: (comment) =>
            act('hold', comment === '' ? {} : { comment }, `Node ${id} is on hold.`),
        });
      },
    },
    'Hold',
  );
  const remove = h(
    'button',
    {
      type: 'button',
      class: 'danger',
      onclick: () => {
        ask({
          title: `Delete node ${id}?`,
          text: `Its machine is deleted in the cloud, and what runs on it is lost (${what}).`,
          verb: 'Delete node',
          isDangerous: true,
          act: () => act('delete', {}, `Node ${id} is being deleted.`),
        });
      },
    },
    'Delete',
  );
  return [state !== 'hold' && hold, state !== 'deleting' && remove];
}
