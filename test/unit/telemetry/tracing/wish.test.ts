import assert from 'node:assert/strict';

import { tracingWish } from '../../../../shared/telemetry/tracing/wish.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('whether traces are wanted', () => {
  for (const [environment, kind] of [
    [{}, 'off'],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_HEADERS: 'a=b' }, 'off'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, 'off'],
    [endpoint, 'on'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, 'on'],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'True' }, 'off'],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'false' }, 'on'],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, 'off'],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'otlp' }, 'on'],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' }, 'impossible'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'impossible'],
    // The same port takes what we speak.
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'on'],
    [
      {
        ...endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      },
      'on',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'impossible'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense' }, 'impossible'],
  ] as const) {
    it(`is "${kind}" with ${JSON.stringify(environment)}`, () => {
      assert.equal(tracingWish(environment).kind, kind);
    });
  }

  it('repeats nothing of the address, which may hold a password', () => {
    const wish = tracingWish({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:hunter2@collector' });
    assert.ok(wish.kind === 'impossible' && !wish.reason.includes('hunter2'));
  });
});
