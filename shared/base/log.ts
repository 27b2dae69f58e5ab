/**
 * What every room logs through. The implementation, and the redaction of secrets, is
 * `shared/telemetry`; this is only the shape, so that low rooms need not know it.
 *
 * A message is a fixed text; what varies goes into fields. Fields with a meaning everywhere:
 * `event_id`, `request`, `node`, `provider`, `pool`, `label`, `error`.
 */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds the fields to each line. */
  with(fields: LogFields): Logger;
  /** A logger under another name, such as `nodepool.PoolWorker.aws-main`. */
  named(name: string): Logger;
}

/** Logs nothing; for tests and tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
  named: () => silentLogger,
};
