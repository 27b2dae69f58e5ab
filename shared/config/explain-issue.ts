/**
 * What zod objects to, in the words of this project: what was found and what is allowed.
 */
import type { z } from 'zod';

import type { Path } from '../../schemas/config/kit.ts';
import { describeFound } from './found.ts';
import type { Hiding } from './found.ts';
import { isMapping } from './mapping.ts';
import { schemaAt, unwrap } from './schema-walk.ts';
import { suggest } from './suggestion.ts';

export interface Explained {
  readonly path: Path;
  readonly message: string;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** `root` is the value that was parsed with `schema`. */
export function explainIssue(
  issue: z.core.$ZodIssue,
  root: unknown,
  schema: z.core.$ZodType,
  hiding: Hiding = {},
): Explained {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const value = valueAt(root, path);
  if (value === undefined && path.length > 0) return { path, message: 'is missing' };
  const there = schemaAt(schema, path);
  const facts = there === undefined ? {} : unwrap(there).facts;
  const isSecret = facts.isSecret === true;
  const found = describeFound(value, path, { ...hiding, isSecret });
  return { path, message: `${sentence(issue, value, facts.isWhole === true)}; found ${found}` };
}

function sentence(issue: z.core.$ZodIssue, value: unknown, isWhole: boolean): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.expected === 'number' && isWhole) return 'must be a whole number';
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      const near = typeof value === 'string' ? suggest(value, allowed) : undefined;
      return `must be one of ${allowed.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    }
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.message;
    case 'invalid_union':
      return 'must be one of the allowed forms';
    default:
      return 'is not allowed';
  }
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = (value as unknown[])[Number(step)];
    else if (isMapping(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
