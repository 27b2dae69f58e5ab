/**
 * Builds and uploads that run, with how far they are.
 *
 * @import { RunningBuild, RunningUpload } from './builder-types.ts'
 */
import { h, setAttribute, setText } from './dom.js';
import { bytes, duration } from './format.js';

export function progressRow() {
  return h(
    'li',
    { class: 'progress-row' },
    h('span', { class: 'progress-name' }),
    h('progress', { max: 100 }),
    h('span', { class: 'progress-text' }),
    h('span', { class: 'progress-link' }),
  );
}

/**
 * @param {HTMLElement} row
 * @param {RunningUpload} upload
 */
export function drawUpload(row, upload) {
  const [name, bar, text] = row.children;
  if (!(bar instanceof HTMLProgressElement && name && text)) return;
  const title = `upload of ${upload.image} ${upload.build} to ${upload.provider}`;
  setText(name, title);
  setAttribute(bar, 'aria-label', title);
  bar.hidden = upload.total_bytes <= 0;
  bar.value = upload.percent;
  setText(text, sayUpload(upload));
}

/** @param {RunningUpload} upload */
export function sayUpload({
  percent,
  sent_bytes,
  total_bytes,
  bytes_per_second,
  seconds_left,
  seconds,
}) {
  const sent =
    total_bytes > 0
      ? `${Math.floor(percent)} % of ${bytes(total_bytes)}`
      : `${bytes(sent_bytes)} for ${duration(seconds)}`;
  const rate = bytes_per_second > 0 ? `${bytes(bytes_per_second)}/s` : 'nothing moves';
  const left = seconds_left === null ? '' : `, ${duration(seconds_left)} left`;
  return `${sent}, ${rate}${left}`;
}

/**
 * @param {HTMLElement} row
 * @param {RunningBuild} build
 * @param {{ now: number, logHref: string }} more
 */
export function drawBuild(row, build, { now, logHref }) {
  const [name, bar, text, place] = row.children;
  if (!(bar instanceof HTMLProgressElement && name && text && place)) return;
  setText(name, `build of ${build.image} ${build.build}`);
  bar.hidden = true;
  setText(text, sayBuild(build, now));
  let link = place.firstElementChild;
  if (!link) {
    link = h('a', {}, 'log');
    setAttribute(link, 'aria-label', `Log of build ${build.image} ${build.build}`);
    place.append(link);
  }
  setAttribute(link, 'href', logHref);
}

/**
 * @param {RunningBuild} build
 * @param {number} now
 */
export function sayBuild({ step, since, log_bytes }, now) {
  const doing = step
    ? `${step.phase}: ${step.element === null ? '' : `${step.element}, `}${step.script}`
    : 'between two scripts';
  return `${doing}, for ${duration(now - since)}, log of ${bytes(log_bytes)}`;
}
