/**
 * YAML syntax errors in our words. The parser's own messages repeat parts of the text, which may be
 * a password, so only its code is used.
 */
import type { ErrorCode } from 'yaml';

const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias (*name) is malformed',
  BAD_DIRECTIVE:
    'a line with % at its start is no directive; an unset %(NODEPOOL_...) stays as it is',
  BAD_DQ_ESCAPE: 'a double-quoted text has an escape that YAML does not know; use single quotes',
  BAD_INDENT: 'the indentation does not fit what is around it',
  BAD_PROP_ORDER: 'an anchor or tag stands in the wrong place',
  BAD_SCALAR_START: 'a text begins with a character that needs quotes (@, `, %, ...)',
  BLOCK_AS_IMPLICIT_KEY: 'a list or mapping stands where a key should be; is a colon one too many?',
  BLOCK_IN_FLOW: 'a block stands within [] or {}; is a bracket not closed?',
  DUPLICATE_KEY: 'a key stands twice',
  IMPOSSIBLE: 'this is no YAML',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a comma, a closing bracket or a closing quote',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines; is a colon or a quote missing?',
  MULTIPLE_ANCHORS: 'a value has two anchors',
  MULTIPLE_DOCS: 'a second document begins here; one file is one document',
  MULTIPLE_TAGS: 'a value has two tags',
  TAB_AS_INDENT: 'a tab indents this line; use blanks',
  TAG_RESOLVE_FAILED: 'a tag is not known',
  UNEXPECTED_TOKEN: 'this does not belong here; is the line above complete?',
};

export function explainSyntax(code: ErrorCode): string {
  return `YAML: ${sentences[code] ?? 'this is no YAML'}`;
}
