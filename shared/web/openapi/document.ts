/** Makes an OpenAPI 3.1 description of a web server from what each route says of itself. Pure. */
import { z } from 'zod';

/** A JSON schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ContentDoc {
  /** `application/json`, ... */
  readonly type: string;
  readonly schema: JsonSchema;
}

export interface ResponseDoc {
  readonly description: string;
  /** None: there is no body, or a line of text that says why. */
  readonly content?: readonly ContentDoc[];
}

export interface ParameterDoc {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface RouteDoc {
  /** With parameters in braces: `/explain/{request}`. */
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ParameterDoc[];
  readonly requestBody?: JsonSchema;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** The admin token is needed. */
  readonly isForAdmin?: boolean;
}

export interface DocumentFacts {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly routes: readonly RouteDoc[];
}

const TEXT: ContentDoc = { type: 'text/plain; charset=UTF-8', schema: { type: 'string' } };
const ADMIN = 'adminToken';

/** As JSON text: the routes do not change while the server runs. */
export function openApi({ title, description, version, routes }: DocumentFacts): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title,
      description,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      ...(routes.some(({ isForAdmin }) => isForAdmin === true) && {
        securitySchemes: {
          [ADMIN]: { type: 'http', scheme: 'bearer', description: 'The admin token.' },
        },
      }),
    },
  });
}

function operation(route: RouteDoc): object {
  const { path, method, summary, description, parameters, requestBody, isForAdmin } = route;
  return {
    operationId: `${method} ${path}`.replaceAll(/[^a-z]+/gi, '-').replace(/-$/, ''),
    summary,
    ...(description !== undefined && { description }),
    ...(parameters && {
      parameters: parameters.map((one) => ({ ...one, required: one.in === 'path' })),
    }),
    ...(requestBody && {
      requestBody: { content: { 'application/json': { schema: requestBody } } },
    }),
    responses: Object.fromEntries(
      Object.entries(route.responses).map(([status, one]) => [
        status,
        response(Number(status), one),
      ]),
    ),
    ...(isForAdmin === true && { security: [{ [ADMIN]: [] }] }),
  };
}

function response(status: number, { description, content }: ResponseDoc): object {
  const shapes = content ?? (status >= 400 ? [TEXT] : []);
  if (shapes.length === 0) return { description };
  const entries = shapes.map(({ type, schema }) => [type, { schema }]);
  return { description, content: Object.fromEntries(entries) as object };
}

/** What the server writes by a schema of ours. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  // OpenAPI 3.1 says itself which dialect it is.
  return Object.fromEntries(Object.entries(made).filter(([key]) => key !== '$schema'));
}

export function json(schema: JsonSchema): readonly ContentDoc[] {
  return [{ type: 'application/json', schema }];
}

export const NOT_MODIFIED: ResponseDoc = {
  description: 'The client has this answer already, by If-None-Match or If-Modified-Since.',
};

export function pathParameter(name: string, description: string): ParameterDoc {
  return { name, in: 'path', description, schema: { type: 'string' } };
}

export function queryParameter(
  name: string,
  description: string,
  schema: JsonSchema = { type: 'string' },
): ParameterDoc {
  return { name, in: 'query', description, schema };
}
