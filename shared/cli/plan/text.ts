/** A plan for people: grouped, with marks, the first names of many. Pure. */
import { sayCount, sayIds } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { PARTS, type Change, type Plan } from './model.ts';

/** Of one kind in one part; the rest is counted. */
const MOST_LINES = 10;
const MOST_IDS = 5;

export function planText(plan: Plan, file: string): string {
  const { changes, losses, is_of_records } = plan;
  if (changes.length === 0) return `${file} changes nothing${is_of_records ? '' : OFFLINE}.`;
  const sections = PARTS.flatMap((part) => {
    const own = changes.filter((change) => change.part === part);
    return own.length === 0 ? [] : ['', part, ...linesOf(own)];
  });
  const lossText =
    losses === 0 ? 'nothing is lost' : `${losses} ${losses === 1 ? 'loss' : 'losses'} (!)`;
  const head = `${file}: ${sayCount(changes.length, 'change')}, ${lossText}`;
  return [`${head}${is_of_records ? '' : OFFLINE}.`, ...sections].join('\n');
}

const OFFLINE = '; nodes, images and requests were not looked at';

function linesOf(changes: readonly Change[]): string[] {
  const byKind = groupBy(changes, ({ mark, code }) => mark + code);
  return [...byKind.values()].flatMap((all) => {
    const more = all.length - MOST_LINES;
    const rest = more <= 0 ? [] : [`  ${all[0]?.mark ?? ' '} and ${more} more: ${namesOf(all)}`];
    return [...all.slice(0, MOST_LINES).map(lineOf), ...rest];
  });
}

function namesOf(all: readonly Change[]): string {
  const names = all.slice(MOST_LINES).map(({ subject }) => subject);
  return sayIds(names.slice(0, MOST_IDS), names.length);
}

function lineOf({ mark, subject, text, ids, is_loss }: Change): string {
  const named = ids.length === 0 ? '' : ` [${sayIds(ids.slice(0, MOST_IDS), ids.length)}]`;
  return `${is_loss ? '!' : ' '} ${mark} ${subject}: ${text}${named}`;
}
