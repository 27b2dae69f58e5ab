/**
 * Traces as plain data, and what takes them. Whoever makes them knows nothing of OpenTelemetry, which is
 * loaded only where an operator wants traces (load.ts).
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

/** One piece of work with a beginning and an end. */
export interface SpanData {
  /** Few different ones: what varies is in the attributes. */
  readonly name: string;
  /** 16 hexadecimal digits; undefined: a random one. */
  readonly id?: string;
  /** Unix seconds. */
  readonly start: number;
  /** Unix seconds; undefined: it goes on, and is here only as the parent of others. */
  readonly end: number | undefined;
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  /** Why it failed; undefined: it did not. */
  readonly problem?: string | undefined;
  readonly children?: readonly SpanData[];
}

export type AttributeValue = string | number | boolean | readonly string[];

/** A span of somebody else. */
export interface RemoteSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether its maker keeps it. */
  readonly isSampled: boolean;
}

export interface TraceData {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the same trace. */
  readonly parent: RemoteSpan | undefined;
  readonly root: SpanData;
}

export interface Tracing {
  /** Takes a trace and sends it in its own time. Never throws; what cannot be sent is dropped. */
  record(trace: TraceData): void;
  /** Sends what waits, if the collector takes it within a few seconds. Never rejects. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** Unless OTEL_SERVICE_NAME says otherwise. */
  readonly service: string;
  readonly version: string;
  /** Which one of several with the same service. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
}
