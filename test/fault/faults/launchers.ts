/** Faults of a launcher's process, its machine and its way to ZooKeeper. */
import { SESSION_SECONDS } from '../fleet-config.ts';
import type { FleetLauncher } from '../fleet-launcher.ts';
import { FIRST_VARIANT } from '../fleet-options.ts';
import { between, pick, type Draw, type Fault } from './fault.ts';

/** After so long without a word the servers end its session. */
const EXPIRED_MS = SESSION_SECONDS * 1000 + 2000;

type Work = (launcher: FleetLauncher, wait: (ms: number) => Promise<void>) => Promise<void>;

function onLauncher({ random, providers }: Draw, what: string, work: Work): Fault {
  const provider = pick(random, providers);
  return {
    target: `launcher ${provider}`,
    words: `launcher of ${provider}: ${what}`,
    strike: (victims, wait) => work(victims.launcher(provider), wait),
  };
}

export function killed(draw: Draw): Fault {
  const ms = between(draw.random, 0, 4000);
  return onLauncher(draw, `kill -9, back after ${ms} ms`, async (launcher, wait) => {
    await launcher.kill();
    await wait(ms);
    await launcher.start();
  });
}

/** In order, so its exit code must be 0. */
export function stopped(draw: Draw): Fault {
  const ms = between(draw.random, 0, 2000);
  return onLauncher(draw, `SIGTERM, back after ${ms} ms`, async (launcher, wait) => {
    const code = await launcher.stop();
    if (code !== 0) launcher.surprises.push(`a stop in order ended with ${code ?? 'nothing'}`);
    await wait(ms);
    await launcher.start();
  });
}

/** Shorter or longer than its session lives. */
export function frozen(draw: Draw): Fault {
  const ms = pick(draw.random, [500, 1500, 3000, EXPIRED_MS, EXPIRED_MS + 2000]);
  return onLauncher(draw, `SIGSTOP for ${ms} ms`, async (launcher, wait) => {
    launcher.freeze();
    await wait(ms);
    launcher.thaw();
  });
}

/** It lives, and its session may end without its knowing; what it has sent may arrive late. */
export function isolated(draw: Draw): Fault {
  const ms = pick(draw.random, [800, 2500, EXPIRED_MS, EXPIRED_MS + 2000]);
  return onLauncher(draw, `no way to ZooKeeper for ${ms} ms`, async (launcher, wait) => {
    launcher.isolate();
    await wait(ms);
    launcher.reunite();
  });
}

/** Answers are lost, so it is not known whether writes took effect. */
export function cutOff(draw: Draw): Fault {
  const cuts = between(draw.random, 1, 5);
  const ms = pick(draw.random, [0, 0, 1000, EXPIRED_MS]);
  const what = `${cuts} connections cut, refused for ${ms} ms`;
  return onLauncher(draw, what, async (launcher, wait) => {
    for (let cut = 1; cut <= cuts; cut++) {
      launcher.cut(cut === cuts && ms > 0);
      await wait(300);
    }
    await wait(ms);
    launcher.reunite();
  });
}

export function slowWay(draw: Draw): Fault {
  const delay = between(draw.random, 20, 400);
  const ms = between(draw.random, 2000, 6000);
  const what = `ZooKeeper answers ${delay} ms late for ${ms} ms`;
  return onLauncher(draw, what, async (launcher, wait) => {
    launcher.delay(delay);
    await wait(ms);
    launcher.reunite();
  });
}

export function clockJump(draw: Draw): Fault {
  const hours = pick(draw.random, [-24, -1, 1, 24, 24 * 365]);
  const ms = between(draw.random, 2000, 8000);
  return onLauncher(draw, `clock wrong by ${hours} h for ${ms} ms`, async (launcher, wait) => {
    await launcher.setClock(hours * 3_600_000);
    await wait(ms);
    await launcher.setClock(0);
  });
}

/** No launcher may start with these, and one that runs must not mind. */
const BROKEN = {
  'not YAML': 'labels: [\n  - {name: small\nproviders: &',
  'an unknown option': '{"labels": [], "providers": [], "no-such-option": 1}',
  'a label without a definition':
    '{"labels": [], "providers": [{"name": "x", "driver": "fake", "cloud": "fake", ' +
    '"pools": [{"name": "main", "labels": [{"name": "none", "cloud-image": "image"}]}]}]}',
  'an empty file': '',
} as const;

export function brokenConfig(draw: Draw): Fault {
  const kind = pick(draw.random, Object.keys(BROKEN)) as keyof typeof BROKEN;
  const ms = between(draw.random, 1000, 5000);
  return onLauncher(draw, `configuration is ${kind} for ${ms} ms`, async (launcher, wait) => {
    await launcher.writeConfig(BROKEN[kind]);
    launcher.signal('SIGHUP');
    await wait(ms);
    await launcher.reconfigure(FIRST_VARIANT);
  });
}

/** The provider is started anew under the load. */
export function changedConfig(draw: Draw): Fault {
  const variant = {
    launchTimeoutSeconds: between(draw.random, 15, 25),
    maxConcurrency: pick(draw.random, [-1, 1, 3]),
    priority: pick(draw.random, [50, 100, 150]),
    furtherLabels: pick(draw.random, [[], ['spare']]),
  };
  const ms = between(draw.random, 1000, 5000);
  const what = `configuration ${JSON.stringify(variant)} for ${ms} ms`;
  return onLauncher(draw, what, async (launcher, wait) => {
    await launcher.reconfigure(variant);
    await wait(ms);
    await launcher.reconfigure(FIRST_VARIANT);
    launcher.signal('SIGUSR2');
  });
}
