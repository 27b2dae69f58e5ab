/** What goes wrong on the way to glance, by the rules of the proxy. */
import type { Fault, FaultRule } from '../../../fixtures/proxy/http-faults.ts';
import { MIB } from './image-files.ts';

/** The call that carries the data. */
export const SENDING = { service: 'image', method: 'PUT', route: '/images/ID/file' } as const;
const STAGING = { ...SENDING, route: '/images/ID/stage' } as const;
const IMPORT = { service: 'image', method: 'POST', route: '/images/ID/import' } as const;
const CREATION = { service: 'image', method: 'POST', route: '/images' } as const;
const LOOK = { service: 'image', method: 'GET', route: '/images/ID' } as const;
const DELETION = { service: 'image', method: 'DELETE', route: '/images/ID' } as const;

const status = (code: number): { readonly fault: Fault } => ({
  fault: { kind: 'status', status: code },
});
const CUT = { fault: { kind: 'cut', afterBytes: 2 * MIB } } as const;
const LOST = { fault: { kind: 'lost-answer' } } as const;
const RESET = { fault: { kind: 'reset' } } as const;

/** What goes wrong once, and how the upload ends. */
export const TROUBLES: readonly (readonly [
  what: string,
  rules: FaultRule | readonly FaultRule[],
  ending: 'none' | 'active',
])[] = [
  ['the answer to the creation is lost', { ...CREATION, ...LOST }, 'active'],
  ['the creation is refused for a moment', { ...CREATION, ...status(500) }, 'active'],
  ['the creation never succeeds', { ...CREATION, ...status(500), times: 99 }, 'none'],
  ['all answers to the creation are lost', { ...CREATION, ...LOST, times: 99 }, 'none'],
  ['the connection breaks before the data', { ...SENDING, ...RESET }, 'none'],
  ['the connection breaks in the middle of the data', { ...SENDING, ...CUT }, 'none'],
  ['the data is refused with 500', { ...SENDING, ...status(500) }, 'none'],
  ['the token is refused with the data', { ...SENDING, ...status(401) }, 'active'],
  ['the answer to the data is lost', { ...SENDING, ...LOST }, 'active'],
  ['a look at the image fails', { ...LOOK, ...status(502) }, 'active'],
  [
    'the data breaks off and the deletion is refused for a moment',
    [
      { ...SENDING, ...CUT },
      { ...DELETION, ...status(503) },
    ],
    'none',
  ],
  [
    'an import breaks in the middle of the data',
    [
      { ...SENDING, ...status(405) },
      { ...STAGING, ...CUT },
    ],
    'none',
  ],
  [
    'the beginning of the import is refused',
    [
      { ...SENDING, ...status(405) },
      { ...IMPORT, ...status(500) },
    ],
    'none',
  ],
  [
    'the answer to the beginning of the import is lost',
    [
      { ...SENDING, ...status(405) },
      { ...IMPORT, ...LOST },
    ],
    'none',
  ],
];
