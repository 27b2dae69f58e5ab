/**
 * What a cluster keeps, as it stands in JSON. The library's types, but with dates as texts, as no class of
 * the library reads or writes bodies: fields that it does not know pass through as they are.
 */
import type {
  V1Namespace,
  V1Pod,
  V1ResourceQuota,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1ServiceAccount,
} from '@kubernetes/client-node';

/** A type of the library as JSON has it. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

export type Namespace = Wire<V1Namespace>;
export type Pod = Wire<V1Pod>;
export type ResourceQuota = Wire<V1ResourceQuota>;
export type Role = Wire<V1Role>;
export type RoleBinding = Wire<V1RoleBinding>;
export type Secret = Wire<V1Secret>;
export type ServiceAccount = Wire<V1ServiceAccount>;

/** What every object has. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: Namespace['metadata'];
}

/** OpenShift's view of a namespace (project.openshift.io/v1). */
export interface Project extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** What is sent to have a project; the answer is the project. */
export interface ProjectRequest extends KubeObject {
  readonly displayName?: string;
  readonly description?: string;
}

/** OpenShift's older form of a role binding (authorization.openshift.io/v1). */
export interface OpenShiftRoleBinding extends KubeObject {
  readonly roleRef: { readonly name: string; readonly namespace?: string };
  readonly subjects: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
  readonly userNames?: readonly string[] | null;
  readonly groupNames?: readonly string[] | null;
}
