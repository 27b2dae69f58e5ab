/**
 * Python's ini form of a logging configuration, turned into the dictionary form.
 *
 * Handler arguments are Python expressions there; only a stream (`(sys.stdout,)`) and a quoted file
 * name as the first argument are understood.
 */
export function parseIniLogConfig(text: string): Record<string, unknown> {
  const sections = sectionsOf(text);
  const named = (kind: string): [string, Section][] =>
    listOf(sections.get(`${kind}s`)?.get('keys')).map((key) => [
      key,
      sections.get(`${kind}_${key}`) ?? new Map<string, string>(),
    ]);
  if (!sections.has('loggers')) throw new Error('there is no section [loggers]');
  const loggers: Record<string, unknown> = {};
  let root: unknown = {};
  for (const [key, section] of named('logger')) {
    const logger = { level: section.get('level'), handlers: listOf(section.get('handlers')) };
    if (key === 'root') root = logger;
    else loggers[section.get('qualname') ?? key] = logger;
  }
  return {
    loggers,
    root,
    handlers: Object.fromEntries(named('handler').map(([key, one]) => [key, handlerOf(one)])),
    formatters: Object.fromEntries(
      named('formatter').map(([key, one]) => [key, Object.fromEntries(one)]),
    ),
  };
}

type Section = Map<string, string>;

function handlerOf(section: Section): Record<string, unknown> {
  const args = section.get('args') ?? '';
  const file = /^\(\s*(['"])(.+?)\1/.exec(args)?.[2];
  const stream = /sys\.(stdout|stderr)/.exec(args)?.[1];
  return {
    class: section.get('class'),
    level: section.get('level'),
    formatter: section.get('formatter'),
    ...(file === undefined ? {} : { filename: file }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function sectionsOf(text: string): Map<string, Section> {
  const sections = new Map<string, Section>();
  let current: Section | undefined;
  let lastKey: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (head !== undefined) {
      current = sections.get(head) ?? new Map<string, string>();
      sections.set(head, current);
      lastKey = undefined;
      continue;
    }
    if (/^\s/.test(line) && current !== undefined && lastKey !== undefined) {
      // An indented line goes on with the value above.
      current.set(lastKey, `${current.get(lastKey) ?? ''}\n${line.trim()}`);
      continue;
    }
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || current === undefined) throw new Error(`cannot read: ${line}`);
    lastKey = key.toLowerCase();
    current.set(lastKey, (value ?? '').trim());
  }
  return sections;
}
