/** The parts of a provider, put together. */
import type { PartsOptions } from '../pods/driver.ts';
import { descriptionOf } from '../pods/ids.ts';
import type { Parts } from '../pods/provider.ts';
import { openSpaceParts } from '../pods/space-parts.ts';
import type { SpaceCalls } from '../pods/spaces.ts';
import { Launches } from './launch.ts';

export function openParts(options: PartsOptions): Parts {
  return openSpaceParts(options, projectCalls(options), (launch) => new Launches(launch));
}

/**
 * OpenShift leaves out the labels of a request, and keeps its description: so all projects are watched,
 * of which a user sees few.
 */
function projectCalls({ cluster: { projects, projectRequests } }: PartsOptions): SpaceCalls {
  return {
    what: 'project',
    create: ({ name, labels, owner }, signal) =>
      projectRequests.create(
        {
          apiVersion: 'project.openshift.io/v1',
          kind: 'ProjectRequest',
          metadata: { name, labels },
          description: descriptionOf(owner),
        },
        signal,
      ),
    all: projects,
    ours: {},
    watched: projects.watch({}),
    isWatched: () => true,
    mayBeUnmarked: true,
  };
}
