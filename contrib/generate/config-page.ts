/** The page of configuration options, as text, from the schemas in schemas/config. */
import { z } from 'zod';
import { driverSections } from '../../schemas/config/drivers/all.ts';
import { fileSchema } from '../../schemas/config/file.ts';
import { factsOf, type Facts } from '../../schemas/config/kit.ts';

type Schema = z.core.$ZodType;

interface Option {
  readonly path: string;
  readonly type: string;
  readonly need: string;
  readonly about: string;
}

export function configPage(): string {
  const drivers = [...driverSections.values()].map(
    ({ name, about, schema }) => `## Driver \`${name}\`

${about}

${tableOf(schema, 'providers[].')}`,
  );
  return `<!-- Made by \`npm run generate\` from schemas/config. Do not edit. -->
# Configuration

The options of \`nodepool.yaml\`. \`[]\` stands for the entries of a list, \`<name>\` for a key of your
choice. Times are in seconds unless the text says otherwise. An option without a default may be left
out if it is not required; **required** ones are needed by the daemons, *required to be valid* ones
only by \`nodepool config-validate\`. The JSON Schema for editors is
\`schemas/generated/nodepool.schema.json\`, or \`nodepool config-schema\`.

\`%(NODEPOOL_X)\` anywhere in the file becomes the value of the environment variable NODEPOOL_X before
the file is read. The secure file (\`-s\`) may hold \`zookeeper-servers\` and \`zookeeper-tls\`, which
replace the main file's, and \`diskimages[]\` with \`name\` and \`env-vars\`, which are merged into the
image's.

## Top level

${tableOf(fileSchema, '')}

${drivers.join('\n\n')}
`;
}

function tableOf(schema: Schema, prefix: string): string {
  const rows = optionsOf(schema, prefix).map(
    ({ path, type, need, about }) => `| \`${path}\` | ${type} | ${need} | ${cell(about)} |`,
  );
  return ['| Option | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** What a schema says once its wrappers are taken off, outermost first. */
interface Peeled {
  readonly inner: Schema;
  readonly facts: Facts;
  readonly about: string;
  readonly isOptional: boolean;
  readonly initial: unknown;
}

function peel(schema: Schema): Peeled {
  let inner = schema;
  let facts = factsOf(inner);
  let about = describe(inner);
  let isOptional = false;
  let initial: unknown;
  for (;;) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
      initial ??= inner.def.defaultValue;
    else if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodNullable)) break;
    isOptional ||= !(inner instanceof z.ZodNullable);
    inner = inner.unwrap();
    facts = { ...factsOf(inner), ...facts };
    about ||= describe(inner);
  }
  return { inner, facts, about, isOptional, initial };
}

function describe(schema: Schema): string {
  return z.globalRegistry.get(schema)?.description ?? '';
}

function optionsOf(schema: Schema, prefix: string): Option[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, Schema>> = schema.shape;
  const named = Object.entries(shape).flatMap(([name, one]) => entryOf(one, `${prefix}${name}`));
  const { catchall } = schema.def;
  return catchall === undefined ||
    catchall instanceof z.ZodNever ||
    catchall instanceof z.ZodUnknown
    ? named
    : [...named, ...entryOf(catchall, `${prefix}<name>`).map((one) => ({ ...one, need: '' }))];
}

function entryOf(schema: Schema, path: string): Option[] {
  const { inner, facts, about, isOptional, initial } = peel(schema);
  const need =
    facts.isDemanded === true ? '*required to be valid*' : isOptional ? '' : '**required**';
  const option = { path, type: typeOf(inner, facts), need: shown(initial) || need, about };
  if (inner instanceof z.ZodArray) return [option, ...optionsOf(inner.element, `${path}[].`)];
  if (inner instanceof z.ZodUnion) {
    const parts = inner.options as readonly Schema[];
    return [option, ...parts.flatMap((part) => optionsOf(part, `${path}.`))];
  }
  return [option, ...optionsOf(inner, `${path}.`)];
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function typeOf(schema: Schema, facts: Facts): string {
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodNumber) return facts.isWhole === true ? 'whole number' : 'number';
  if (schema instanceof z.ZodBoolean) return 'true, false';
  if (schema instanceof z.ZodEnum) return schema.options.map((one) => `\`${one}\``).join(', ');
  if (schema instanceof z.ZodArray) return listOf(schema.element);
  if (schema instanceof z.ZodUnion) return unionOf(schema);
  return 'mapping';
}

function listOf(element: Schema): string {
  if (element instanceof z.ZodString) return 'list of texts';
  return 'list';
}

function unionOf(schema: z.ZodUnion): string {
  return (schema.options as readonly Schema[]).map((one) => typeOf(one, {})).join(' or ');
}
