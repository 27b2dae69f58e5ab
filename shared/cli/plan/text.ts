/** A plan for people: grouped, with marks, the first names of many. Pure. */
import { sayCount, sayIds } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { oneLine } from '../one-line.ts';
import { paintLine, piece, type Line, type Style } from '../terminal/lines.ts';
import { PARTS, type Change, type Plan } from './model.ts';

/** Of one kind in one part; the rest is counted. */
const MOST_LINES = 10;
const MOST_IDS = 5;

/** `hasColour`: of the terminal. */
export function planText(plan: Plan, file: string, hasColour = false): string {
  const { changes, losses, is_of_records } = plan;
  if (changes.length === 0) return `${file} changes nothing${is_of_records ? '' : OFFLINE}.`;
  const sections = PARTS.flatMap((part): Line[] => {
    const own = changes.filter((change) => change.part === part);
    return own.length === 0 ? [] : [[], [piece(part, 'bold')], ...linesOf(own)];
  });
  const lossText =
    losses === 0 ? 'nothing is lost' : `${losses} ${losses === 1 ? 'loss' : 'losses'} (!)`;
  const head: Line = [
    piece(`${file}: ${sayCount(changes.length, 'change')}, `),
    piece(lossText, losses === 0 ? 'green' : 'red'),
    piece(`${is_of_records ? '' : OFFLINE}.`),
  ];
  return [head, ...sections].map((line) => paintLine(line, hasColour)).join('\n');
}

const OFFLINE = '; nodes, images and requests were not looked at';

function linesOf(changes: readonly Change[]): Line[] {
  const byKind = groupBy(changes, ({ mark, code }) => mark + code);
  return [...byKind.values()].flatMap((all) => {
    const rest = all.slice(MOST_LINES);
    const more = `and ${rest.length} more: ${namesOf(rest)}`;
    return [
      ...all.slice(0, MOST_LINES).map((one) => lineOf(one, textOf(one))),
      ...rest.slice(0, 1).map((one) => lineOf(one, more)),
    ];
  });
}

function namesOf(all: readonly Change[]): string {
  const names = all.map(({ subject }) => subject);
  return sayIds(names.slice(0, MOST_IDS), names.length);
}

function textOf({ subject, text, ids }: Change): string {
  const named = ids.length === 0 ? '' : ` [${sayIds(ids.slice(0, MOST_IDS), ids.length)}]`;
  return `${subject}: ${text}${named}`;
}

const STYLES: Readonly<Record<Change['mark'], Style>> = {
  '+': 'green',
  '-': 'yellow',
  '~': 'cyan',
};

function lineOf({ mark, is_loss }: Change, text: string): Line {
  return [
    piece(is_loss ? '! ' : '  ', 'red'),
    piece(`${mark} `, STYLES[mark]),
    piece(oneLine(text)),
  ];
}
