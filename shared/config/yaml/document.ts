/**
 * YAML text to the parser's tree.
 *
 * Nesting is limited while the text is read: the parser composes its tree recursively, and text that
 * is nested deeply enough ends the whole process, with no exception to catch.
 */
import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { Document } from 'yaml';

/** Deeper than any configuration, and shallow enough for the stack. */
export const MAX_DEPTH = 100;

export type Composed =
  | { readonly kind: 'document'; readonly document: Document.Parsed; readonly lines: LineCounter }
  | { readonly kind: 'refused'; readonly line: number; readonly message: string };

class TooDeepError extends Error {}

export function composeDocument(text: string): Composed {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    version: '1.1',
    // All scalars come as text, so that pyyaml-scalar.ts alone decides what they are.
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
  });
  let document: Document.Parsed | undefined;
  try {
    for (const one of composer.compose(tokens(parser, lines, text), true, text.length)) {
      if (document !== undefined)
        return {
          kind: 'refused',
          line: lines.linePos(one.range[0]).line,
          message: 'YAML: a second document begins here; one file is one document',
        };
      document = one;
    }
  } catch (error) {
    const line = Math.max(1, lines.linePos(parser.offset).line);
    const message =
      error instanceof TooDeepError ? 'is nested too deeply' : 'YAML: this is no YAML';
    return { kind: 'refused', line, message };
  }
  if (document === undefined) return { kind: 'refused', line: 1, message: 'YAML: this is no YAML' };
  return { kind: 'document', document, lines };
}

function* tokens(parser: Parser, lines: LineCounter, text: string): ReturnType<Parser['parse']> {
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH) throw new TooDeepError();
  }
  yield* parser.end();
}
