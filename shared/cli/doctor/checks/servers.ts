/** Each ZooKeeper server by itself, and all of them as an ensemble. */
import { judgeServers } from '../judge/servers.ts';
import { Skipped } from '../model.ts';
import type { Check } from '../run.ts';
import { lookAtServer } from '../zookeeper/look-at-server.ts';

export const servers: Check = {
  name: 'zookeeper servers',
  async run(ground, signal) {
    const config = await ground.config();
    const all = config.zookeeper.servers;
    if (all.length === 0) throw new Skipped('zookeeper-servers is missing');
    const { clock } = ground.context;
    const probePath = ground.probe().then(
      ({ path }) => path,
      () => undefined,
    );
    const chroot = all.at(-1)?.chroot;
    const facts = await Promise.all(
      all.map((server) => lookAtServer({ server, chroot, config, clock, signal, probePath })),
    );
    const isHopeless = facts.every(
      ({ problem, sessionProblem }) => problem !== undefined || sessionProblem !== undefined,
    );
    if (isHopeless) ground.giveUpSession();
    return judgeServers(facts);
  },
};
