/** Builds and uploads that run, as builders tell them; of builders that do not, as ZooKeeper has them. */
import type { RunningUploadStatus } from '../../../../schemas/builder-status.ts';
import { sayBytes, sayDuration } from '../../../base/words.ts';
import type { RunningBuildStatus, StoredWork, TopData } from '../model.ts';
import { bar, barLength, cell, type Pane, type Row } from './pane.ts';

const HEADERS = ['Work', 'Image', 'Where', 'Progress', '', 'For'];

export function imagesPane({ builders, stored, now }: TopData, columns: number): Pane {
  const told = builders.flatMap(({ name, answer }) => (answer ? [{ name, ...answer }] : []));
  const builds = told.flatMap(({ name, builds: own }) => own.map((one) => ({ name, one })));
  const uploads = told.flatMap((one) => one.uploads);
  const known = new Set([
    ...builds.map(({ one }) => `${one.image}-${one.build}`),
    ...uploads.map((one) => uploadName(one)),
  ]);
  const untold = (works: readonly StoredWork[]): StoredWork[] =>
    works.filter(({ name }) => !known.has(name));
  const rows = [
    ...builds.map(({ name, one }) => buildRow(name, one, now)),
    ...untold(stored.builds).map((one) => storedRow('build', one, one.what, now)),
    ...uploads.map((one) => uploadRow(one, barLength(columns))),
    ...untold(stored.uploads).map((one) => storedRow('upload', one, one.provider, now)),
  ];
  const untoldCount = untold(stored.builds).length + untold(stored.uploads).length;
  const remark = untoldCount === 0 ? '' : `of ${untoldCount} no builder tells how far it is`;
  return { title: `Builds and uploads: ${rows.length}`, remark, headers: HEADERS, rows };
}

/** As it stands in ZooKeeper. */
export function uploadName(key: {
  readonly image: string;
  readonly build: string;
  readonly provider: string;
  readonly upload: string;
}): string {
  return `${key.image}-${key.build} ${key.provider} ${key.upload}`;
}

function buildRow(host: string, build: RunningBuildStatus, now: number): Row {
  const { step } = build;
  const where =
    step === null ? '' : [step.element, step.phase, step.script].filter(Boolean).join(' ');
  return [
    ...[cell('build', 'yellow'), cell(`${build.image}-${build.build}`), cell(host), cell(where)],
    ...[cell(`${sayBytes(build.log_bytes)} of log`), cell(sayDuration(now - build.since))],
  ];
}

function uploadRow(upload: RunningUploadStatus, length: number): Row {
  const left = upload.seconds_left === null ? '' : `, ${sayDuration(upload.seconds_left)} left`;
  const speed = `${sayBytes(upload.bytes_per_second)}/s${left}`;
  return [
    cell('upload', 'cyan'),
    cell(`${upload.image}-${upload.build}`),
    cell(upload.provider),
    cell(`${bar(upload.percent, 0, 100, length)} ${Math.floor(upload.percent)} %`, 'cyan'),
    cell(speed),
    cell(sayDuration(upload.seconds)),
  ];
}

function storedRow(work: string, { name, since }: StoredWork, where: string, now: number): Row {
  const [image = ''] = name.split(' ');
  return [
    ...[cell(work, 'dim'), cell(image), cell(where), cell(''), cell('')],
    cell(sayDuration(now - since)),
  ];
}
