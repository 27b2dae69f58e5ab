/**
 * Traces for a collector, in OTLP over HTTP. The only file that loads OpenTelemetry.
 *
 * Nothing is instrumented and no global of OpenTelemetry is set: spans are made when all is over, from
 * what is known of it. What the collector does stays here: a bounded number of spans waits for it, one
 * batch is on its way at a time, each with the exporter's deadline (OTEL_EXPORTER_OTLP_TIMEOUT).
 */
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace as api,
  TraceFlags,
  type Attributes,
  type Context,
  type HrTime,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

import { safeText } from '../safe-value.ts';
import { Complaints, failureReason } from './complaints.ts';
import type { RemoteSpan, SpanData, TraceData, Tracing, TracingOptions } from './trace.ts';
import type { Environment } from './wish.ts';

/** Spans that wait for the collector; a burst of requests ends at once. About 1 kB each. */
const MOST_WAITING = 16_384;
/** For the last batches at the end of the process. */
const CLOSE_MS = 3000;

export class OtlpTracing implements Tracing {
  readonly #clock: TracingOptions['clock'];
  readonly #ids = new ChosenIds();
  readonly #complaints: Complaints;
  readonly #exporter: CountingExporter;
  readonly #provider: NodeTracerProvider;
  readonly #tracer: Tracer;
  readonly #mostWaiting: number;

  constructor(environment: Environment, options: TracingOptions) {
    const { service, version, instance, clock, log } = options;
    this.#clock = clock;
    this.#complaints = new Complaints(clock, log);
    this.#exporter = new CountingExporter(new OTLPTraceExporter(), this.#complaints);
    const given = Number(environment.OTEL_BSP_MAX_QUEUE_SIZE);
    this.#mostWaiting = Number.isInteger(given) && given > 0 ? given : MOST_WAITING;
    this.#provider = new NodeTracerProvider({
      idGenerator: this.#ids,
      resource: defaultResource()
        .merge(
          resourceFromAttributes({
            'service.name': service,
            'service.version': version,
            'service.instance.id': instance,
          }),
        )
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(this.#exporter, { maxQueueSize: this.#mostWaiting })],
    });
    this.#tracer = this.#provider.getTracer('nodepool', version);
  }

  record({ traceId, parent, root }: TraceData): void {
    try {
      const size = sizeOf(root);
      // A part of a trace is worth little: it is all or nothing.
      if (this.#exporter.waiting + size > this.#mostWaiting) {
        this.#complaints.lost(size, 'the collector takes them too slowly');
        return;
      }
      this.#ids.nextTrace = traceId;
      this.#make(root, parent ? withParent(parent) : ROOT_CONTEXT);
    } catch {
      this.#complaints.lost(sizeOf(root), 'a span could not be made');
    }
  }

  async close(): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(CLOSE_MS, resolve);
    });
    // A failure has been told of by the exporter's end.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late]);
    cancel();
    this.#complaints.end(this.#exporter.waiting, 'the process ends');
  }

  #make(data: SpanData, context: Context): void {
    this.#ids.nextSpan = data.id;
    const span = this.#tracer.startSpan(
      data.name,
      { startTime: timeOf(data.start), attributes: attributesOf(data) },
      context,
    );
    if (!span.isRecording()) return;
    if (data.problem !== undefined) {
      const message = safeText(data.problem);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      span.addEvent('problem', { message }, timeOf(data.end ?? data.start));
    }
    const inner = api.setSpan(context, span);
    for (const child of data.children ?? []) this.#make(child, inner);
    if (data.end === undefined) return;
    this.#exporter.waiting++;
    span.end(timeOf(data.end));
  }
}

/** Ids that are known before their span is made. */
class ChosenIds extends RandomIdGenerator {
  nextTrace: string | undefined;
  nextSpan: string | undefined;
  override readonly generateTraceId: () => string;
  override readonly generateSpanId: () => string;

  constructor() {
    super();
    const random = new RandomIdGenerator();
    this.generateTraceId = () => this.nextTrace ?? random.generateTraceId();
    this.generateSpanId = () => this.nextSpan ?? random.generateSpanId();
  }
}

/** Knows how many spans wait, and tells of those that are lost. */
class CountingExporter implements SpanExporter {
  waiting = 0;
  readonly #inner: SpanExporter;
  readonly #complaints: Complaints;

  constructor(inner: SpanExporter, complaints: Complaints) {
    this.#inner = inner;
    this.#complaints = complaints;
  }

  export(...[spans, done]: Parameters<SpanExporter['export']>): void {
    this.#inner.export(spans, (result) => {
      this.waiting -= spans.length;
      if (result.error) this.#complaints.lost(spans.length, failureReason(result.error));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

function withParent({ traceId, spanId, isSampled }: RemoteSpan): Context {
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return api.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function attributesOf({ attributes }: SpanData): Attributes {
  const safe: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (typeof value === 'string') safe[key] = safeText(value);
    else safe[key] = typeof value === 'object' ? [...value] : value;
  }
  return safe;
}

function timeOf(unixSeconds: number): HrTime {
  const whole = Math.floor(unixSeconds);
  return [whole, Math.min(999_999_999, Math.round((unixSeconds - whole) * 1e9))];
}

function sizeOf({ end, children = [] }: SpanData): number {
  return children.reduce((sum, child) => sum + sizeOf(child), end === undefined ? 0 : 1);
}
