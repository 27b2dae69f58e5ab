/** Whether web servers of launchers and builders answer. Pure. */
import type { Finding } from '../model.ts';

export interface WebFacts {
  /** `launcher host`, `builder host`. */
  readonly whose: string;
  readonly url: string;
  /** Of its `/ready`; undefined: no answer. */
  readonly status: number | undefined;
  /** Why there is no answer. */
  readonly problem: string | undefined;
}

export function judgeWeb({ whose, url, status, problem }: WebFacts): Finding[] {
  const object = `${whose} (${url})`;
  if (status === undefined)
    return [
      {
        ...{ severity: 'warning', code: 'web-unreachable', object },
        seen: `its web server does not answer: ${problem ?? 'no reason is known'}`,
        remedy:
          'open the way to its port; without it the dashboard, explain and logs of builds lack it',
      },
    ];
  if (status !== 503) return [];
  return [
    {
      ...{ severity: 'problem', code: 'not-ready', object },
      seen: 'says that it is not ready: it has not read ZooKeeper yet, or is stopping',
      remedy: 'wait a moment; if it stays so look into its log',
    },
  ];
}
