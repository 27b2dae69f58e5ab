/** What a launcher says of itself in which nothing goes on. */
import type { LauncherStatus } from '../../schemas/launcher-status.ts';

export function quietStatus(fields: Partial<LauncherStatus> = {}): LauncherStatus {
  return {
    ...{ launcher: 'launcher-host', version: '0.0.0-test', now: 1_800_000_000 },
    ...{ is_current: true, is_draining: false },
    ...{ waiting: 0, without_answer: 0, reasons: [], requests: [] },
    ...{ serving: 0, providers: [], launches: [] },
    ...fields,
  };
}
