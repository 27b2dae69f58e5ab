/** Nodes, and znodes that hold no record. */
import { judgeNodes } from '../judge/nodes.ts';
import type { Finding } from '../model.ts';
import type { Check } from '../run.ts';

export const nodes: Check = {
  name: 'nodes',
  async run(ground) {
    const [config, records] = await Promise.all([ground.config(), ground.records()]);
    return [...judgeNodes({ ...records, config }), ...records.corrupt.map(corrupt)];
  },
};

function corrupt(line: string): Finding {
  const [object = '', ...rest] = line.split(' ');
  return {
    ...{ severity: 'warning', code: 'no-record', object, seen: rest.join(' ') },
    remedy: 'nobody uses it: delete the znode, if nobody knows what it is for',
  };
}
