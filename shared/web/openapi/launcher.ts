/** The routes of the launcher's web server, for their description. */
import { builderNewsSchema } from '../../../schemas/builder-status.ts';
import { launcherExplanationSchema } from '../../../schemas/explanation.ts';
import { launcherStatusSchema } from '../../../schemas/launcher-status.ts';
import { holdBodySchema, IMAGE_ACTIONS, NODE_ACTIONS } from '../admin/routes.ts';
import { buildListing, imageListing, uploadListing } from '../image-listings.ts';
import { labelListing, nodeListing, requestListing, type Listing } from '../listings.ts';
import { DESCRIPTION, LOG, LOG_PARAMETERS, PROBES } from './common.ts';
import {
  json,
  NOT_MODIFIED,
  pathParameter,
  queryParameter,
  schemaOf,
  type JsonSchema,
  type ParameterDoc,
  type ResponseDoc,
  type RouteDoc,
} from './document.ts';

const FIELDS = queryParameter('fields', 'Columns of the table, with commas; JSON has all of them.');

/** `empty`: for its columns. */
function list(
  path: string,
  summary: string,
  empty: Listing,
  parameters: readonly ParameterDoc[] = [FIELDS],
): RouteDoc {
  const keys = empty.columns.map(([key]) => key);
  const row = {
    type: 'object',
    properties: Object.fromEntries(empty.columns.map(([key, title]) => [key, { title }])),
    required: keys,
    additionalProperties: false,
  };
  return {
    ...{ path, method: 'get', summary, parameters },
    description: 'JSON or a table, as Accept says; a table where it says nothing.',
    responses: {
      200: {
        description: 'The list',
        content: [
          { type: 'text/plain; charset=UTF-8', schema: { type: 'string' } },
          ...json({ type: 'array', items: row }),
        ],
      },
      304: NOT_MODIFIED,
      406: { description: 'Neither is acceptable.' },
    },
  };
}

const LISTS: readonly RouteDoc[] = [
  list('/node-list', 'Nodes', nodeListing([], 0), [
    FIELDS,
    queryParameter('node_id', 'This node alone'),
  ]),
  list('/request-list', 'Requests', requestListing([])),
  list('/label-list', 'Labels of all pools online', labelListing([])),
  list('/image-list', 'Uploads of images', uploadListing([], 0)),
  list('/dib-image-list', 'Builds of images', buildListing([], 0)),
  list('/image-status', 'Images', imageListing([], 0)),
];

const STATES: readonly RouteDoc[] = [
  {
    ...{ path: '/status', method: 'get', summary: 'What goes on in this launcher' },
    responses: {
      200: { description: 'The status', content: json(schemaOf(launcherStatusSchema)) },
      304: NOT_MODIFIED,
    },
  },
  {
    ...{ path: '/explain', method: 'get', summary: 'What the waiting requests wait for' },
    responses: {
      200: { description: 'The reasons', content: json({ type: 'object' }) },
      304: NOT_MODIFIED,
    },
  },
  {
    ...{ path: '/explain/{request}', method: 'get', summary: 'Why a request is where it is' },
    parameters: [pathParameter('request', 'Id of the request')],
    responses: {
      200: { description: 'The reasons', content: json(schemaOf(launcherExplanationSchema)) },
      304: NOT_MODIFIED,
      404: { description: 'There is no such request.', content: json({ type: 'null' }) },
    },
  },
];

const EVENTS: RouteDoc = {
  ...{ path: '/events', method: 'get', summary: 'What goes on, as it happens' },
  description: [
    'Server-sent events, the data of each one JSON object: `hello` {launcher, version, now, may_act}; ',
    'for each topic (nodes, requests, images, builds, uploads, components) `reset` {topic}, then ',
    '`change` {topic, set: rows, gone: ids} until `synced` {topic}, and more `change` as things change; ',
    '`status` as at /status; `builders`: ',
    JSON.stringify(schemaOf(builderNewsSchema)),
  ].join(''),
  responses: {
    200: {
      description: 'The stream; it does not end by itself.',
      content: [{ type: 'text/event-stream; charset=UTF-8', schema: { type: 'string' } }],
    },
    503: {
      description: 'There are as many readers as may be; Retry-After says when to try again.',
    },
  },
};

const REFUSALS: Readonly<Record<number, ResponseDoc>> = {
  401: { description: 'The token is wrong or absent.' },
  403: { description: 'No admin token is configured: all is read-only.' },
  429: { description: 'Many wrong tokens came from there; Retry-After says how long to wait.' },
};

const MESSAGE: JsonSchema = {
  type: 'object',
  properties: { message: { type: 'string' } },
  required: ['message'],
  additionalProperties: false,
};

function action(path: string, summary: string, parameter: ParameterDoc): RouteDoc {
  const message = (description: string): ResponseDoc => ({ description, content: json(MESSAGE) });
  return {
    ...{ path, method: 'post', summary, parameters: [parameter], isForAdmin: true },
    ...(path.endsWith('/hold') && { requestBody: schemaOf(holdBodySchema) }),
    responses: {
      ...{ 200: message('It is done.'), 400: { description: 'The body is not understood.' } },
      ...REFUSALS,
      404: message('There is nothing of that name.'),
      409: message('It is locked, or in a state in which it cannot be done.'),
      413: { description: 'The body is too long.' },
      500: message('It failed.'),
      503: message('ZooKeeper is away, and it is not known whether it is done.'),
    },
  };
}

const WORDS: Readonly<Record<string, string>> = {
  hold: 'Have everybody leave a node alone',
  delete: 'Delete a node',
  pause: 'Build nothing of an image any more',
  unpause: 'Build of an image again',
  build: 'Build an image',
};

const ACTIONS: readonly RouteDoc[] = [
  {
    ...{ path: '/api/check', method: 'post', summary: 'Is the token right?', isForAdmin: true },
    responses: { 204: { description: 'It is.' }, ...REFUSALS, 413: { description: 'Too long.' } },
  },
  ...Object.keys(NODE_ACTIONS).map((name) =>
    action(`/api/nodes/{id}/${name}`, WORDS[name] ?? name, pathParameter('id', 'Id of the node')),
  ),
  ...Object.keys(IMAGE_ACTIONS).map((name) =>
    action(`/api/images/{name}/${name}`, WORDS[name] ?? name, pathParameter('name', 'The image')),
  ),
];

function log(path: string, parameters: readonly ParameterDoc[]): RouteDoc {
  return {
    ...{ path, method: 'get', summary: 'The log of a build, from the builder that has it' },
    parameters: [...parameters, ...LOG_PARAMETERS],
    responses: {
      200: LOG,
      400: { description: 'The question is not understood.' },
      ...REFUSALS,
      404: { description: 'There is no such log.' },
      502: { description: 'A builder that may have it does not answer.' },
      503: { description: 'There are as many readers as may be.' },
    },
  };
}

const IMAGE = pathParameter('image', 'The image');
const PAGE: readonly RouteDoc[] = [
  {
    ...{ path: '/', method: 'get', summary: 'The dashboard' },
    responses: {
      200: {
        description: 'A page',
        content: [{ type: 'text/html; charset=UTF-8', schema: { type: 'string' } }],
      },
      304: NOT_MODIFIED,
      404: { description: 'It is not there.' },
    },
  },
  {
    ...{ path: '/dashboard/{file}', method: 'get', summary: 'Files of the dashboard' },
    parameters: [pathParameter('file', 'Name of the file')],
    responses: {
      200: {
        description: 'A script, a style or an image',
        content: [{ type: '*/*', schema: { type: 'string' } }],
      },
      304: NOT_MODIFIED,
      404: { description: 'There is no such file.' },
    },
  },
];

export const LAUNCHER_ROUTES: readonly RouteDoc[] = [
  ...PROBES,
  ...LISTS,
  ...STATES,
  EVENTS,
  ...ACTIONS,
  log('/build-log/{image}', [IMAGE]),
  log('/build-log/{image}/{build}', [IMAGE, pathParameter('build', 'Id of the build')]),
  ...PAGE,
  DESCRIPTION,
];
