/**
 * An explanation for people: the answer first, then what it rests on.
 */
import { sayDuration } from '../../base/words.ts';
import type { Explanation, LauncherRow, PoolRow } from './model.ts';
import { poolName, sayProgress } from './verdict.ts';
import { sayCount, sayGap, sayGaps, sayIds } from './words.ts';

type Cells = readonly string[];

export function explanationText(explanation: Explanation, nowSeconds: number): string {
  const { request, verdict, launchers } = explanation;
  const couldAsk = launchers.some(({ status }) => status === 'answered');
  return [
    `${request.id} ${verdict.text}`,
    ...(couldAsk ? [] : ['No launcher could be asked; this is what ZooKeeper tells.']),
    '',
    ...aligned(requestRows(explanation, nowSeconds)),
    ...section('nodes', nodeRows(explanation, nowSeconds)),
    ...section('pools', poolRows(explanation, nowSeconds)),
    ...section('absent', absentRows(explanation, nowSeconds)),
    ...section('launchers', launchers.map(launcherRow)),
  ].join('\n');
}

function section(title: string, rows: readonly Cells[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...aligned(rows).map((line) => `  ${line}`)];
}

/** Columns as wide as their widest cell; the last one runs free. */
function aligned(rows: readonly Cells[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell))
      .join('  ')
      .trimEnd(),
  );
}

function requestRows({ request, pools, serving }: Explanation, now: number): Cells[] {
  const { requestor, tenant, created } = request;
  const who = [requestor ?? 'unknown', ...(tenant === null ? [] : [`tenant ${tenant}`])];
  const age = created === null ? [] : [`asked for ${sayDuration(now - created)} ago`];
  const places = serving ? [serving] : pools.filter(({ answer }) => isOpen(answer));
  const before = places
    .filter((place) => place.before.count > 0)
    .map((place) => {
      const { count, requests } = place.before;
      return ['before it', `${count} in ${poolName(place)}: ${sayIds(requests, count)}`];
    });
  return [
    ['state', [`${request.state} for ${sayDuration(now - request.since)}`, ...age].join(', ')],
    ['labels', request.labels.join(', ')],
    ['by', who.join(', ')],
    ...(request.event_id === null ? [] : [['event', request.event_id]]),
    ...(request.provider === null ? [] : [['wants', `provider ${request.provider}`]]),
    ...before,
  ];
}

function isOpen(answer: PoolRow['answer']): boolean {
  return answer === 'accept' || answer === 'defer' || answer === 'unknown';
}

/** Those of the launcher that serves it tell more than their records. */
function nodeRows({ serving, nodes }: Explanation, now: number): Cells[] {
  if (serving) {
    return serving.nodes.map((node) => {
      const gaps = node.missing.length === 0 ? '' : `: ${sayGaps(node.missing)}`;
      const problem = node.problem === null ? '' : `; last problem: ${node.problem}`;
      return [`${sayProgress(node, now)}${gaps}${problem}`];
    });
  }
  return nodes.map((node) => [
    node.id,
    `${node.provider ?? ''}-${node.pool ?? ''}`,
    node.labels.join(', '),
    `${node.state} for ${sayDuration(now - node.since)}${node.is_locked ? ', locked' : ''}`,
  ]);
}

const ANSWERS: Readonly<Record<PoolRow['answer'], string>> = {
  accept: 'takes it',
  defer: 'not now',
  decline: 'declined',
  unknown: 'unknown',
  'no-labels': '',
};

/** Pools without the labels are only counted, unless there are no others. */
function poolRows({ pools, request }: Explanation, now: number): Cells[] {
  if (request.state === 'fulfilled') return [];
  const telling = pools.filter(({ answer }) => answer !== 'no-labels');
  const others = pools.length - telling.length;
  return [
    ...telling.map((pool) => [poolName(pool), ANSWERS[pool.answer], sayPool(pool, now)]),
    ...(others === 0
      ? []
      : [[`${sayCount(others, 'pool')} ${others === 1 ? 'has' : 'have'} not all labels`]]),
  ];
}

function sayPool(pool: PoolRow, now: number): string {
  const paused = pool.is_paused && pool.source === 'zookeeper' ? ['it is paused'] : [];
  const since = pool.since === null ? [] : [`for ${sayDuration(now - pool.since)}`];
  if (pool.source === 'zookeeper') {
    const word = pool.answer === 'decline' ? [] : ['has the labels'];
    return [...word, ...paused, `launcher ${pool.launcher} cannot be asked why`].join(', ');
  }
  const reasons = pool.reasons.map(({ text, missing }) =>
    [text, ...missing.map(sayGap)].join(': '),
  );
  return [...since, ...reasons].join('; ');
}

function absentRows({ absent }: Explanation, now: number): Cells[] {
  return absent.map(({ provider, launcher, reason, again_at }) => [
    `provider ${provider} of ${launcher}`,
    again_at === null ? reason : `${reason}; tried again in ${sayDuration(again_at - now)}`,
  ]);
}

function launcherRow({ hostname, url, status, problem, is_current }: LauncherRow): Cells {
  const old = is_current === false ? ['it does not see ZooKeeper now'] : [];
  const details = [...(problem === null ? [] : [problem]), ...old];
  return [hostname ?? '?', url, [status.replaceAll('-', ' '), ...details].join(': ')];
}
