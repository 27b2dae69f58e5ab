/** Names of the phases of a node on its way, and how they look. */
import { words } from './format.js';

/** @type {Readonly<Record<string, { name: string, tone: string }>>} */
const PHASES = {
  beginning: { name: 'beginning', tone: 'start' },
  'taking-ready-node': { name: 'taking a ready node', tone: 'start' },
  'waiting-for-room': { name: 'waiting for room', tone: 'room' },
  'making-record': { name: 'making its record', tone: 'start' },
  creating: { name: 'creating', tone: 'create' },
  'waiting-for-address': { name: 'waiting for an address', tone: 'address' },
  'scanning-host-keys': { name: 'scanning host keys', tone: 'keys' },
  'cleaning-up': { name: 'cleaning up', tone: 'clean' },
  ready: { name: 'ready', tone: 'ready' },
  'given-up': { name: 'given up', tone: 'failed' },
};

/** For the legend. */
export const TONES = [
  { tone: 'start', name: 'beginning' },
  { tone: 'room', name: 'waiting for room' },
  { tone: 'create', name: 'creating' },
  { tone: 'address', name: 'address' },
  { tone: 'keys', name: 'host keys' },
  { tone: 'clean', name: 'cleaning up' },
];

/** @param {string} phase */
export function phaseName(phase) {
  return PHASES[phase]?.name ?? words(phase);
}

/** @param {string} phase */
export function phaseTone(phase) {
  return PHASES[phase]?.tone ?? 'start';
}
