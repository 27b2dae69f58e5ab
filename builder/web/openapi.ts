/** The routes of the builder's web server, for their description. */
import { buildLogsSchema, buildsSchema, uploadsSchema } from '../../schemas/builder-status.ts';
import { DESCRIPTION, LOG, LOG_PARAMETERS, PROBES } from '../../shared/web/openapi/common.ts';
import {
  json,
  NOT_MODIFIED,
  pathParameter,
  schemaOf,
  type ParameterDoc,
  type RouteDoc,
} from '../../shared/web/openapi/document.ts';

export { METRICS } from '../../shared/web/openapi/common.ts';

const IMAGE = pathParameter('image', 'The image');

function log(path: string, parameters: readonly ParameterDoc[]): RouteDoc {
  return {
    ...{ path, method: 'get', summary: 'The log of a build' },
    parameters: [...parameters, ...LOG_PARAMETERS],
    responses: {
      200: LOG,
      400: { description: 'The question is not understood.' },
      404: { description: 'There is no such log.' },
      503: { description: 'There are as many readers as may be.' },
    },
  };
}

export const BUILDER_ROUTES: readonly RouteDoc[] = [
  ...PROBES,
  {
    ...{ path: '/builds', method: 'get', summary: 'What is being built' },
    responses: {
      200: { description: 'The builds', content: json(schemaOf(buildsSchema)) },
      304: NOT_MODIFIED,
    },
  },
  {
    ...{ path: '/uploads', method: 'get', summary: 'What is being uploaded' },
    responses: {
      200: { description: 'The uploads', content: json(schemaOf(uploadsSchema)) },
      304: NOT_MODIFIED,
    },
  },
  {
    ...{ path: '/build-logs/{image}', method: 'get', summary: 'Which logs of an image are here' },
    parameters: [IMAGE],
    responses: {
      200: { description: 'The logs, newest first', content: json(schemaOf(buildLogsSchema)) },
      304: NOT_MODIFIED,
    },
  },
  log('/build-log/{image}', [IMAGE]),
  log('/build-log/{image}/{build}', [IMAGE, pathParameter('build', 'Id of the build')]),
  DESCRIPTION,
];
