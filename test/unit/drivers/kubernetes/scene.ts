/** A provider of `kubernetes` with a label of each type, in a scene. */
import assert from 'node:assert/strict';

import { createKubernetesDriver } from '../../../../shared/drivers/kubernetes/driver.ts';
import { NODE, openScene, type Scene, type SceneOptions } from '../pods/scene.ts';

export const NAMESPACE = `main-${NODE}`;

/** `image`: of the pod. */
export const section = (context = 'context: ours', image = 'debian'): string => `
name: kube
driver: kubernetes
${context}
pools:
  - name: main
    labels:
      - {name: pod, type: pod, image: ${image}, cpu: 1, shell-type: cmd}
      - {name: space, type: namespace, python-path: /py}
`;

export const openKubernetes = (
  cloud: SceneOptions['cloud'] = {},
  rest: Partial<SceneOptions> = {},
): Promise<Scene> =>
  openScene({ create: createKubernetesDriver, section: section(), cloud, ...rest });

export const rejection = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  throw new Error('did not reject');
};
