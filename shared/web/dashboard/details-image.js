/**
 * One image with its builds and their uploads, and what may be done to it.
 *
 * @import { BuildRow, UploadRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 * @import { Details } from './details.js'
 * @import { ImageFacts } from './image-facts.js'
 */
import { ask } from './dialogs.js';
import { h, replaceContent, setAttribute, setText, syncList } from './dom.js';
import { duration, words } from './format.js';
import { progressOf } from './image-facts.js';
import { sayBuild, sayUpload } from './progress.js';
import { fillState } from './state-mark.js';
import { imagesOf, sayAsked } from './view-images.js';

/**
 * @param {ViewContext} context
 * @param {string} id
 * @returns {Details}
 */
export function imageDetails(context, id) {
  const { cluster, actions, address } = context;
  const state = h('p', { class: 'details-state' });
  const asked = h('p', { class: 'note' });
  const buttons = h('div', { class: 'buttons' });
  const builds = h('div', { class: 'builds' });
  const none = h('p', { class: 'muted' }, 'There is no build yet.');
  let offered = '';
  return {
    element: h('div', {}, state, asked, buttons, h('h3', {}, 'Builds'), builds, none),
    draw: () => {
      const facts = imagesOf(cluster).find((one) => one.id === id);
      const offer = JSON.stringify([actions.mayAct, facts?.image.paused]);
      if (offer !== offered)
        replaceContent(buttons, ...(actions.mayAct && facts ? buttonsFor(context, facts) : []));
      offered = offer;
      if (facts === undefined) return !cluster.isSynced('images');
      fillState(state, facts.state, { text: words(facts.state) });
      const request = sayAsked(facts.image, cluster.now());
      setText(asked, request === '' ? '' : `A build is asked for: ${request}.`);
      none.hidden = facts.builds.length > 0;
      syncList(builds, facts.builds, {
        key: ({ id: build }) => build,
        create: makeBuild,
        update: (element, build) => {
          drawBuild(element, build, { facts, now: cluster.now() });
          const log = element.querySelector('h4 a');
          if (log)
            setAttribute(log, 'href', address.href({ log: `${build.image}/${build.build}` }));
        },
      });
      return true;
    },
  };
}

/** @param {BuildRow} build */
function makeBuild({ id, image, build }) {
  const title = `build-${id}`;
  const log = h('a', { 'aria-label': `Log of build ${image} ${build}` }, 'log');
  return h(
    'section',
    { class: 'build', 'aria-labelledby': title },
    h(
      'h4',
      { id: title },
      h('span', { class: 'mono' }, build),
      h('span', { class: 'build-state' }),
      log,
    ),
    h('p', { class: 'muted' }),
    h('p', { class: 'doing' }),
    h('ul', { class: 'plain uploads', 'aria-label': `Uploads of build ${build}` }),
  );
}

/**
 * @param {HTMLElement} element
 * @param {BuildRow} build
 * @param {{ facts: ImageFacts, now: number }} more
 */
function drawBuild(element, { build, builder, formats, state, state_time }, { facts, now }) {
  const [title, line, doing, uploads] = element.children;
  const mark = title?.children[1];
  if (!(mark instanceof HTMLElement && uploads instanceof HTMLElement && line && doing)) return;
  fillState(mark, state, { text: `${state} for ${duration(now - state_time)}` });
  setText(line, [formats.join(', '), builder && `by ${builder}`].filter(Boolean).join(' '));
  const running = facts.running.find((one) => one.build === build);
  setText(doing, running ? sayBuild(running, now) : '');
  syncList(
    uploads,
    facts.uploads.filter((one) => one.build === build),
    {
      key: ({ id }) => id,
      create: ({ provider }) =>
        h(
          'li',
          { class: 'upload' },
          h('strong', {}, provider),
          h('span'),
          h('span', { class: 'upload-text muted' }),
          h('progress', { max: 100, hidden: true }),
        ),
      update: (item, upload) => {
        drawUpload(item, upload, { facts, now });
      },
    },
  );
}

/**
 * @param {HTMLElement} item
 * @param {UploadRow} upload
 * @param {{ facts: ImageFacts, now: number }} more
 */
function drawUpload(item, upload, { facts, now }) {
  const [, mark, text, bar] = item.children;
  if (!(mark instanceof HTMLElement && bar instanceof HTMLProgressElement && text)) return;
  fillState(mark, upload.state, {
    text: `${upload.state} for ${duration(now - upload.state_time)}`,
  });
  const running = progressOf(facts.sending, upload);
  setText(text, running ? sayUpload(running) : (upload.external_name ?? ''));
  bar.hidden = running === undefined || running.total_bytes <= 0;
  bar.value = running?.percent ?? 0;
  setAttribute(bar, 'aria-label', `Upload to ${upload.provider}`);
}

/**
 * @param {ViewContext} context
 * @param {ImageFacts} facts
 */
function buttonsFor({ actions, announcer }, { id, image }) {
  /**
   * @param {'pause' | 'unpause' | 'build'} action
   * @param {string} done
   */
  const act = async (action, done) => {
    const answer = await actions.act('images', id, action);
    announcer.show(answer.isDone ? answer.text || done : answer.text, {
      isProblem: !answer.isDone,
    });
    return answer.isDone ? undefined : answer.text;
  };
  return [
    image.paused
      ? h(
          'button',
          { type: 'button', onclick: () => void act('unpause', `Image ${id} is built again.`) },
          'Unpause',
        )
      : h(
          'button',
          {
            type: 'button',
            onclick: () => {
              ask({
                title: `Pause image ${id}?`,
                text: 'Nothing is built until somebody unpauses it. Uploads go on.',
                verb: 'Pause',
                act: () => act('pause', `Image ${id} is paused.`),
              });
            },
          },
          'Pause',
        ),
    h(
      'button',
      { type: 'button', onclick: () => void act('build', `A build of image ${id} is asked for.`) },
      'Build now',
    ),
  ];
}
