/** What the kernel tells of a process. */
import { readFile } from 'node:fs/promises';

export interface MeasuredProcess {
  /** User and system time until now. */
  cpuMs(): Promise<number>;
  /** Resident now. */
  rssMib(): Promise<number>;
}

/** Of the kernel's clock in /proc: USER_HZ is 100 on all Linux systems that matter. */
const MS_A_TICK = 10;

export function measuredProcess(pid: number): MeasuredProcess {
  return {
    cpuMs: async () => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The fields after the name, which may hold blanks: the first one is the third of all.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 13).map(Number);
      return ticks.reduce((sum, value) => sum + value, 0) * MS_A_TICK;
    },
    rssMib: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
    },
  };
}
