/**
 * What a node of AWS is known by: its instance, and its host where it has one of its own. Pure.
 *
 * Facts: nodepool/driver/aws/adapter.py. Old nodes have a plain text, which is the instance.
 */
import type { ExternalId } from '../driver.ts';

const INSTANCE = /^i-[0-9a-f]{8,32}$/;
const HOST = /^h-[0-9a-f]{8,32}$/;

/** At least one of them. */
export interface NodeIds {
  readonly instance?: string;
  readonly host?: string;
}

/** Undefined: the id has a form that AWS gives to nothing of the kind. */
export function readIds(externalId: ExternalId): NodeIds | undefined {
  const given = typeof externalId === 'string' ? { instance: externalId } : externalId;
  const instance = fitting(given.instance, INSTANCE);
  const host = fitting(given.host, HOST);
  if (instance === undefined && host === undefined) return undefined;
  return { ...(instance !== undefined && { instance }), ...(host !== undefined && { host }) };
}

/** As it stands in a node's record. */
export function externalIdOf(ids: NodeIds): ExternalId {
  return { ...ids };
}

function fitting(id: string | null | undefined, form: RegExp): string | undefined {
  return typeof id === 'string' && form.test(id) ? id : undefined;
}
