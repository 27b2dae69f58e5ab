/** Faults of static hosts. Their keys stay, as on a disk. */
import { RACK_SLOTS } from '../fleet-providers.ts';
import type { Host } from '../hosts.ts';
import { between, pick, type Draw, type Fault } from './fault.ts';

const KINDS: Readonly<Record<string, (host: Host) => void>> = {
  'refuses connections': (host) => {
    host.refuse();
  },
  'says nothing': (host) => {
    host.silence();
  },
  'is slow': (host) => {
    host.slow(400);
  },
};

export function hostAway({ random, providers }: Draw): Fault {
  const provider = pick(random, providers);
  const number = Math.floor(random() * RACK_SLOTS.length);
  const kind = pick(random, Object.keys(KINDS));
  const ms = between(random, 500, 8000);
  return {
    target: `host ${number} of ${provider}`,
    words: `host ${number} beside ${provider}: ${kind} for ${ms} ms`,
    strike: async (victims, wait) => {
      const host = victims.hosts(provider)[number];
      if (!host) throw new Error(`there is no host ${number} beside ${provider}`);
      KINDS[kind]?.(host);
      await wait(ms);
      host.restore();
    },
  };
}
