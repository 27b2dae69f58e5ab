import { freeNode } from '../../../support/launcher-world.ts';
import { table } from './decision-table.ts';

const two = { node_types: ['small', 'small'] };
const full = { providerLimits: { instances: 2 }, providerUsed: { instances: 2 } };

describe('decide, where hosts are lent that exist anyway,', () => {
  const both = freeNode('n1', { labels: ['small', 'large'] });
  table([
    {
      when: 'one is free',
      view: { hosts: { small: 2 }, free: [freeNode('n1')] },
      answer: 'accept',
    },
    { when: 'none is free', view: { hosts: { small: 2 } }, answer: 'defer: no-free-host' },
    {
      when: 'fewer are free than are asked for',
      request: two,
      view: { hosts: { small: 2 }, free: [freeNode('n1')] },
      answer: 'defer: no-free-host',
    },
    {
      when: 'more are asked for than are configured',
      request: two,
      view: { hosts: { small: 1 }, free: [freeNode('n1')] },
      answer: 'decline: never-fits',
    },
    {
      when: 'two labels are asked for, and only one host has both',
      request: { node_types: ['small', 'large'] },
      view: {
        inventory: new Map([
          ['small', [both]],
          ['large', [both]],
        ]),
      },
      answer: 'decline: never-fits',
    },
    {
      when: 'two labels are asked for, and another host has one of them',
      request: { node_types: ['small', 'large'] },
      view: {
        inventory: new Map([
          ['small', [both]],
          ['large', [both, freeNode('n2')]],
        ]),
      },
      answer: 'defer: no-free-host',
    },
    {
      when: 'the tenant has no quota left, which hosts take nothing of',
      request: { tenant_name: 'acme' },
      view: {
        tenants: { acme: { limits: { instances: 0 }, used: {} } },
        hosts: { small: 1 },
        free: [freeNode('n1')],
      },
      answer: 'accept',
    },
    {
      when: 'no host has the label',
      view: { hosts: {} },
      answer: 'decline: never-fits',
    },
    {
      when: 'quota is used up, which does not matter to hosts',
      view: { ...full, hosts: { small: 1 }, free: [freeNode('n1')] },
      answer: 'accept',
    },
    {
      when: 'only fresh nodes are wanted, which hosts are after each use',
      request: { reuse: false },
      view: { hosts: { small: 1 }, free: [freeNode('n1')] },
      answer: 'accept',
    },
  ]);
});
