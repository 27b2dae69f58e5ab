/**
 * The schema of nodepool.yaml as JSON Schema 2020-12, for editors: completion, hints, checks.
 *
 * It says what `config-validate` wants, as far as JSON Schema can: rules over several options and
 * over several sections are left out. Which driver's options a provider takes follows from its
 * `driver`, or from a name that begins with `fake`.
 */
import { z } from 'zod';

import { driverSections } from './drivers/all.ts';
import type { AnyDriverSection } from './drivers/section.ts';
import { fileSchema } from './file.ts';
import { factsOf } from './kit.ts';

type JsonSchema = Record<string, unknown>;

/** `outside`: sections of drivers that are none of ours. */
export function configJsonSchema(outside: readonly AnyDriverSection[] = []): JsonSchema {
  const drivers = [...driverSections.values(), ...outside];
  const file = convert(fileSchema);
  const properties = file.properties as Record<string, JsonSchema>;
  const names = drivers.map(({ name }) => name);
  properties.providers = {
    ...properties.providers,
    items: {
      type: 'object',
      properties: { name: { type: ['string', 'number'] }, driver: { enum: names } },
      allOf: [
        choice({ required: ['name'], properties: { name: { pattern: '^fake' } } }, 'fake', {
          if: { required: ['driver'] },
          then: { allOf: names.map((name) => choice(isDriver(name), name)) },
          else: { $ref: '#/$defs/openstack' },
        }),
      ],
    },
  };
  const sections = drivers.map((section) => [
    section.name,
    { description: section.about, ...withoutDialect(convert(section.schema)) },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'nodepool.yaml',
    ...withoutDialect(file),
    $defs: Object.fromEntries(sections) as JsonSchema,
  };
}

function isDriver(name: string): JsonSchema {
  return { properties: { driver: { const: name } } };
}

function choice(condition: JsonSchema, driver: string, otherwise?: JsonSchema): JsonSchema {
  return {
    if: condition,
    then: { $ref: `#/$defs/${driver}` },
    ...(otherwise === undefined ? {} : { else: otherwise }),
  };
}

function withoutDialect(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}

function convert(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    // What stands in the file, not what the programs see once defaults are in.
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      const facts = factsOf(zodSchema);
      if (facts.isWhole === true) jsonSchema.type = 'integer';
      if (facts.isNumberFine === true)
        jsonSchema.type = ['string', 'number'] as unknown as 'string';
      if (facts.ignored !== undefined) jsonSchema.deprecated = true;
      if (zodSchema instanceof z.ZodObject) addDemanded(zodSchema, jsonSchema);
    },
  });
}

/** What only the validator wants is required here, too. */
function addDemanded(schema: z.ZodObject, jsonSchema: { required?: string[] }): void {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const demanded = Object.keys(shape).filter((name) => {
    const one = shape[name];
    return one !== undefined && factsOf(one).isDemanded === true;
  });
  if (demanded.length > 0) jsonSchema.required = [...(jsonSchema.required ?? []), ...demanded];
}
