/**
 * One section against its schema: normalised, parsed, and every objection reported.
 *
 * What is wrong is replaced by a placeholder, so that the rest can be looked at, too, and all
 * errors come in one go. The caller must not use a configuration that has any.
 */
import type { z } from 'zod';

import type { Path } from '../../schemas/config/kit.ts';
import { explainIssue } from './explain-issue.ts';
import type { FileFindings } from './findings.ts';
import { normalise } from './normalise.ts';
import { placeholder, schemaAt } from './schema-walk.ts';

export interface Section {
  readonly value: unknown;
  /** Where the section stands in its file. */
  readonly base: Path;
  readonly report: FileFindings;
  /** Texts from the environment, not to be shown. */
  readonly secrets: readonly string[];
}

/** The section with its defaults, or undefined if it is no section at all. */
export function checkSection<S extends z.ZodType>(
  schema: S,
  section: Section,
): z.output<S> | undefined {
  const { base, report, secrets } = section;
  const value = normalise(schema, section.value, {
    secrets,
    sink: ({ severity, path, part, message }) => {
      report(severity, [...base, ...path], message, part);
    },
  });
  const first = schema.safeParse(value);
  if (first.success) return first.data;
  for (const issue of first.error.issues) {
    const { path, message } = explainIssue(issue, value, schema, { secrets });
    report('error', [...base, ...path], message);
  }
  for (const issue of first.error.issues) patch(schema, value, issue.path);
  const second = schema.safeParse(value);
  return second.success ? second.data : undefined;
}

/** Puts a placeholder at the path. The value is the copy that `normalise` made. */
function patch(schema: z.core.$ZodType, root: unknown, path: readonly PropertyKey[]): void {
  const last = path.at(-1);
  if (last === undefined || typeof last === 'symbol') return;
  const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
  let holder = root;
  for (const step of steps.slice(0, -1)) {
    if (typeof holder !== 'object' || holder === null) return;
    holder = (holder as Record<string | number, unknown>)[step];
  }
  const wanted = schemaAt(schema, steps);
  if (typeof holder !== 'object' || holder === null || wanted === undefined) return;
  const value = placeholder(wanted);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Object.assign(holder, { [last]: value });
}
