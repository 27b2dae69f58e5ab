/**
 * Names that become names in a cluster: what Kubernetes refuses would fail each launch. Pure.
 *
 * Facts: kubernetes.io/docs/concepts/overview/working-with-objects/{names,labels}.
 */
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;
const MOST_LENGTH = 63;
/** A dash and a node's id. */
const ID_LENGTH = 11;

/** What is wrong with the name of a pool; undefined: nothing. `isBeginning`: a node's id follows it. */
export function poolNameProblem(name: string, isBeginning: boolean): string | undefined {
  const most = MOST_LENGTH - (isBeginning ? ID_LENGTH : 0);
  if (!NAME.test(isBeginning ? `${name}0` : name))
    return 'is no name for a namespace: small letters, digits and dashes';
  return name.length > most
    ? `is longer than the ${most} characters that a cluster takes`
    : undefined;
}

/** Of a label; `isContainer`: a container and a pod have its name. */
export function labelNameProblem(name: string, isContainer: boolean): string | undefined {
  if (isContainer && (!NAME.test(name) || name.length > MOST_LENGTH))
    return 'is no name for a container: small letters, digits and dashes, at most 63';
  return isLabelValue(name) ? undefined : 'is no value for a label of Kubernetes';
}

/** Of a provider. */
export function providerNameProblem(name: string): string | undefined {
  return isLabelValue(name) ? undefined : 'is no value for a label of Kubernetes';
}

function isLabelValue(name: string): boolean {
  return LABEL_VALUE.test(name) && name.length <= MOST_LENGTH;
}
