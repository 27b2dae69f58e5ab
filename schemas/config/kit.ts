/**
 * Words that schemas of nodepool.yaml are written in: zod types with their meaning, and facts that
 * zod has no place for.
 *
 * A section is written once and says two things: what the programs need (zod), and what
 * `nodepool config-validate` demands beyond that (facts). Python Nodepool has two parsers that
 * disagree; a file that its daemons load must load here too, so what only its validator refuses is
 * never an error of ours, but a finding of severity `strict`.
 */
import { z } from 'zod';

export type Path = readonly (string | number)[];

/** Reports a finding of severity `strict` about a part of the value that is looked at. */
export type Report = (path: Path, message: string) => void;

export interface Facts {
  /** Read where a number stands, too, as text: `release: 9`. */
  readonly isNumberFine?: boolean;
  /** A whole number. Fractions are read, but no validator takes them. */
  readonly isWhole?: boolean;
  /** Left empty (null) it is refused, because Python Nodepool's loader walks through it. */
  readonly mustNotBeEmpty?: boolean;
  /** Missing is fine for the daemons, but not for the validator. */
  readonly isDemanded?: boolean;
  /** Accepted and without effect. The text says why. */
  readonly ignored?: string;
  /** Never shown in messages. */
  readonly isSecret?: boolean;
  /** Rules that concern several options of one section. */
  readonly check?: (value: Readonly<Record<string, unknown>>, report: Report) => void;
}

const facts = z.registry<Facts>();

export function factsOf(schema: z.core.$ZodType): Facts {
  return facts.get(schema) ?? {};
}

/** Adds facts to a schema, which is returned. */
export function withFacts<S extends z.ZodType>(schema: S, more: Facts): S {
  facts.add(schema, { ...factsOf(schema), ...more });
  return schema;
}

export const text = (about: string): z.ZodString => z.string().describe(about);

/** Text that is often written without quotes, so that YAML takes it for a number. */
export const loose = (about: string): z.ZodString => withFacts(text(about), { isNumberFine: true });

export const secret = (about: string): z.ZodString => withFacts(text(about), { isSecret: true });

export const flag = (about: string): z.ZodBoolean => z.boolean().describe(about);

export const whole = (about: string): z.ZodNumber =>
  withFacts(z.number().describe(about), { isWhole: true });

export const fraction = (about: string): z.ZodNumber => z.number().describe(about);

export const texts = (about: string): z.ZodArray<z.ZodString> =>
  z.array(z.string()).describe(about);

/** A mapping that is passed on as it stands. */
export const free = (about: string): z.ZodRecord<z.ZodString, z.ZodUnknown> =>
  z.record(z.string(), z.unknown()).describe(about);

/** A list that is passed on as it stands. */
export const anyList = (about: string): z.ZodArray<z.ZodUnknown> =>
  z.array(z.unknown()).describe(about);

/** Amounts by resource name. */
export const amounts = (about: string): z.ZodRecord<z.ZodString, z.ZodNumber> =>
  withFacts(z.record(z.string(), withFacts(z.number(), { isWhole: true })).describe(about), {
    mustNotBeEmpty: true,
  });

/** A list of sections that Python Nodepool's loader refuses to find empty (null). */
export const sections = <S extends z.ZodType>(section: S, about: string): z.ZodArray<S> =>
  withFacts(z.array(section).describe(about), { mustNotBeEmpty: true });

/** Missing is fine for the daemons, but not for `config-validate`. */
export const demanded = <S extends z.ZodType>(schema: S): z.ZodOptional<S> =>
  withFacts(schema.optional(), { isDemanded: true });

type Check = NonNullable<Facts['check']>;

/** At most one of the options may stand in the section. */
export function atMostOne(...names: string[]): Check {
  return (value, report) => {
    const present = names.filter((name) => value[name] !== undefined);
    const second = present[1];
    if (second !== undefined)
      report([second], `stands beside ${present[0] ?? ''}: only one may be given`);
  };
}

/** At least one of the options must stand in the section. */
export function atLeastOne(...names: string[]): Check {
  return (value, report) => {
    if (names.every((name) => value[name] === undefined))
      report([], `needs ${names.length > 2 ? 'one of ' : ''}${names.join(' or ')}`);
  };
}

export function exactlyOne(...names: string[]): Check {
  return all(atMostOne(...names), atLeastOne(...names));
}

export function all(...checks: Check[]): Check {
  return (value, report) => {
    for (const check of checks) check(value, report);
  };
}
