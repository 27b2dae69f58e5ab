/**
 * Whether the environment asks for traces, by OpenTelemetry's own variables
 * (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables). Pure.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export type TracingWish =
  | { readonly kind: 'off' }
  /** They are asked for in a way that we cannot serve. */
  | { readonly kind: 'impossible'; readonly reason: string }
  | { readonly kind: 'on' };

/** The one protocol of the exporter that we have; collectors take all of them at one port. */
const PROTOCOL = 'http/json';

export function tracingWish(environment: Environment): TracingWish {
  const of = (name: string): string => environment[name]?.trim() ?? '';
  const endpoint = of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || of('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === '' || of('OTEL_SDK_DISABLED').toLowerCase() === 'true') return { kind: 'off' };
  const exporter = of('OTEL_TRACES_EXPORTER');
  if (exporter === 'none') return { kind: 'off' };
  if (exporter !== '' && exporter !== 'otlp') {
    return { kind: 'impossible', reason: 'of OTEL_TRACES_EXPORTER only otlp and none are known' };
  }
  // The value may hold a password, so it is not repeated.
  if (!isHttp(endpoint)) {
    return { kind: 'impossible', reason: 'the endpoint is no http or https address' };
  }
  const protocol = of('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') || of('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === 'grpc') {
    return { kind: 'impossible', reason: `of the protocols only ${PROTOCOL} is spoken` };
  }
  return { kind: 'on' };
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
