/**
 * A log for what the doctor uses: its warnings are findings, told with a remedy, so they are logged for
 * those only who ask for everything (`--debug`).
 */
import type { Logger } from '../../base/log.ts';

export function quietLog(log: Logger): Logger {
  const quiet: Logger['debug'] = (message, fields) => {
    log.debug(message, fields);
  };
  return {
    ...{ debug: quiet, info: quiet, warn: quiet, error: quiet },
    with: (fields) => quietLog(log.with(fields)),
    named: (name) => quietLog(log.named(name)),
  };
}
