/**
 * From what a keyboard sends to names of keys, as xterm and its kin encode them. A character that types
 * itself is its own name. Unknown sequences are swallowed: half of one must not be taken for letters.
 */
const NAMES: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b[C': 'right',
  '\x1bOC': 'right',
  '\x1b[D': 'left',
  '\x1bOD': 'left',
  '\x1b[H': 'home',
  '\x1bOH': 'home',
  '\x1b[1~': 'home',
  '\x1b[F': 'end',
  '\x1bOF': 'end',
  '\x1b[4~': 'end',
  '\x1b[5~': 'page-up',
  '\x1b[6~': 'page-down',
  '\x1b[Z': 'back-tab',
  '\x1b': 'escape',
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'interrupt',
  '\x1a': 'suspend',
};

/** CSI and SS3 sequences, a lone escape, or one character. */
// eslint-disable-next-line no-control-regex -- what terminals send are control characters
const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[A-Za-z]|\x1b|[^\x1b]/gu;

export function keysOf(text: string): string[] {
  return [...text.matchAll(TOKEN)].flatMap(([token]) => {
    const name = NAMES[token];
    if (name !== undefined) return [name];
    return /^\P{Cc}$/u.test(token) ? [token] : [];
  });
}
