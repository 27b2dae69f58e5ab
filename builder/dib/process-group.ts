/** What the system says of processes and their groups. Linux. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * Whether some process of the group still runs. One that has ended and waits for its parent to ask how
 * does not: where nobody does, as for orphans in many containers, it stays for ever.
 */
export async function groupLives(group: number): Promise<boolean> {
  if (!groupExists(group)) return false;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const fields = await statOf(Number(pid));
    const [state = '', , processGroup] = fields ?? [];
    if (Number(processGroup) === group && !'ZX'.includes(state)) return true;
  }
  return false;
}

/** Fine if no process of the group is left. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** When a process started, in ticks since the machine did; undefined: there is none. */
export async function startOf(pid: number): Promise<string | undefined> {
  return (await statOf(pid))?.[19];
}

function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    // One that we may not signal exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The fields of /proc/PID/stat from the third on, the state: proc(5). Undefined: there is none. */
async function statOf(pid: number): Promise<readonly string[] | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, in brackets, is a name that may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
