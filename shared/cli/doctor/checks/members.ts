/** Who is registered, and which labels they offer. */
import { judgeLabels } from '../judge/labels.ts';
import { judgeMembers } from '../judge/members.ts';
import type { Check } from '../run.ts';

export const daemons: Check = {
  name: 'daemons',
  async run(ground) {
    const [config, { members }] = await Promise.all([ground.config(), ground.records()]);
    return judgeMembers(members, config);
  },
};

export const labels: Check = {
  name: 'labels',
  async run(ground) {
    const [config, { members }] = await Promise.all([ground.config(), ground.records()]);
    return judgeLabels(members, config);
  },
};
