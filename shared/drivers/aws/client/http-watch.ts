/** Tells of each HTTP request of an SDK client, for metrics. */
import type { Clock } from '../../../base/clock.ts';
import type { HttpDone } from '../../driver.ts';

export interface HttpWatchOptions {
  /** AWS's service: `ec2`, `s3`, ... */
  readonly service: string;
  readonly clock: Clock;
  readonly onHttp: (request: HttpDone) => void;
}

/** The part of the SDK's clients that is used here. */
export interface Watchable {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: 'finalizeRequest'; priority: 'low' }): void;
  };
}

type Handler = (args: object) => Promise<object>;
type Middleware = (next: Handler) => Handler;

/** At the end of the SDK's stack: each try of a repeated request is told of. */
export function watchHttp(client: object, options: HttpWatchOptions): void {
  const { service, clock, onHttp } = options;
  (client as Watchable).middlewareStack.add(
    (next) => async (args) => {
      const began = clock.monotonic();
      let status: number | undefined;
      try {
        const result = await next(args);
        status = statusOf((result as { response?: unknown }).response);
        return result;
      } catch (error) {
        status = statusOf((error as { $response?: unknown }).$response);
        throw error;
      } finally {
        const { method = '' } = (args as { request?: { method?: string } }).request ?? {};
        onHttp({ service, method, status, durationMs: clock.monotonic() - began });
      }
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

/** Undefined: there was no answer. */
function statusOf(response: unknown): number | undefined {
  const { statusCode } = (response ?? {}) as { readonly statusCode?: number };
  return statusCode;
}
