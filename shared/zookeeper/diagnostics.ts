/**
 * Where metrics and tracing listen in: `node:diagnostics_channel`, free while nobody does.
 *
 * - `nodepool:zookeeper:request`: a `RequestMessage` for every reply.
 * - `nodepool:zookeeper:state`: a `StateMessage` for every change of state.
 * - `nodepool:zookeeper:connection`: a `ConnectionMessage` for every attempt to connect.
 */
import { channel } from 'node:diagnostics_channel';
import type { SessionState } from './types.ts';

export interface RequestMessage {
  readonly operation: string;
  /** From the write to the reply, in milliseconds. */
  readonly durationMs: number;
  /** ZooKeeper's number; 0 is success. */
  readonly errorNumber: number;
}

export interface StateMessage {
  readonly state: SessionState;
}

export interface ConnectionMessage {
  readonly server: string;
  /** Undefined: connected. */
  readonly error: Error | undefined;
}

export const requestChannel = channel('nodepool:zookeeper:request');
export const stateChannel = channel('nodepool:zookeeper:state');
export const connectionChannel = channel('nodepool:zookeeper:connection');
