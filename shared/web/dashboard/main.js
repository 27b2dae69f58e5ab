/**
 * Puts the page together: the connection, what it brings, the tabs that show it, the keys.
 *
 * @import { Change } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 */
import { Actions } from './actions.js';
import { Address } from './address.js';
import { Announcer } from './announcer.js';
import { BuildLog } from './build-log.js';
import { Cluster } from './cluster.js';
import { ConnectionBar } from './connection-bar.js';
import { DetailsPanel } from './details.js';
import { askToken } from './dialogs.js';
import { byId, setAttribute, setText } from './dom.js';
import { Live } from './live.js';
import { Tabs } from './tabs.js';
import { startTheme } from './theme.js';
import { imagesView } from './view-images.js';
import { launchesView } from './view-launches.js';
import { nodesView } from './view-nodes.js';
import { overviewView } from './view-overview.js';
import { processesView } from './view-processes.js';
import { providersView } from './view-providers.js';
import { requestsView } from './view-requests.js';

/** @type {ReadonlySet<Change>} */
const EVERYTHING = new Set(
  /** @type {Change[]} */ ([
    'nodes',
    'requests',
    'images',
    'builds',
    'uploads',
    'components',
    'status',
    'builders',
    'hello',
    'link',
    'time',
    'address',
    'token',
  ]),
);

const announcer = new Announcer();
const cluster = new Cluster(draw);
const actions = new Actions(cluster);
const address = new Address(() => {
  draw(new Set(['address']));
});
/** @type {ViewContext} */
const context = { cluster, address, actions, announcer };
const live = new Live(cluster);
const tabs = new Tabs(address, [
  overviewView(context),
  requestsView(context),
  nodesView(context),
  launchesView(context),
  providersView(context),
  imagesView(context),
  processesView(context),
]);
const details = new DetailsPanel(context, () => tabs.view.focusRows?.());
const buildLog = new BuildLog(context);
const connection = new ConnectionBar(cluster, live, announcer);
const lock = byId('lock', HTMLButtonElement);
const readOnly = byId('read-only', HTMLElement);

startTheme();
lock.addEventListener('click', () => {
  if (actions.mayAct) actions.signOut();
  else askToken(actions);
});
document.addEventListener('click', onLink);
document.addEventListener('keydown', onKey);
setInterval(() => {
  cluster.changed('time');
}, 1000);
draw(EVERYTHING);
live.start();

/** @param {ReadonlySet<Change>} changes */
function draw(changes) {
  connection.draw();
  drawLock();
  const isOther = tabs.draw();
  const { view } = tabs;
  view.draw(isOther ? EVERYTHING : changes);
  details.draw(changes);
  buildLog.draw();
}

function drawLock() {
  readOnly.hidden = cluster.hello === undefined || actions.isConfigured;
  lock.hidden = !actions.isConfigured;
  setText(lock, actions.mayAct ? 'Lock' : 'Unlock');
  setAttribute(lock, 'aria-label', actions.mayAct ? 'Lock actions' : 'Unlock actions');
}

/**
 * Our own links change what is shown and load nothing.
 *
 * @param {MouseEvent} event
 */
function onLink(event) {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey
  )
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const href = link?.getAttribute('href');
  if (!href?.startsWith('?')) return;
  event.preventDefault();
  address.follow(href);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]') !== null) return;
  const { target } = event;
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  if (event.key === '/' && !isTyping && tabs.view.search) {
    event.preventDefault();
    tabs.view.search.focus();
    tabs.view.search.select();
  } else if (event.key === 'Escape') {
    if (target === tabs.view.search && target instanceof HTMLInputElement && target.value !== '')
      address.set({ q: '' }, { isTyping: true });
    else if (details.isOpen) details.close();
  }
}
