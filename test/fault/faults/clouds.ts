/** Faults of a provider's cloud. */
import { NO_WIRE_FAULTS, type WireFaults } from '../../../fixtures/fake-cloud/wire-faults.ts';
import { NO_FAULTS, type Faults } from '../../../shared/drivers/fake/faults.ts';
import { CLOUD_LIMIT } from '../fleet-providers.ts';
import { between, pick, type Draw, type Fault, type Victims } from './fault.ts';

/** How a cloud of the run behaves on a good day. */
export const GOOD_DAY: Faults = {
  ...NO_FAULTS,
  createDelaySeconds: [0.05, 0.6],
  deleteDelaySeconds: [0, 0.2],
};

interface Weather {
  readonly cloud?: Partial<Faults>;
  readonly wire?: Partial<WireFaults>;
  readonly limit?: number;
}

const some = (probability: number) => ({ probability }) as const;

const WEATHERS = {
  slow: {
    cloud: { createDelaySeconds: [1, 5], deleteDelaySeconds: [0, 3] },
    wire: { latencySeconds: [0, 0.5] },
  },
  'creates are refused': {
    cloud: { create: [{ ...some(0.4), mode: 'before', error: 'transient' }] },
  },
  'creates fail after the server exists': {
    cloud: { create: [{ ...some(0.4), mode: 'after-exists', error: 'transient' }] },
  },
  'servers never become usable': {
    cloud: { create: [{ ...some(0.15), mode: 'hang', error: 'transient' }] },
  },
  'servers without an address': {
    cloud: { create: [{ ...some(0.4), mode: 'no-address', error: 'transient' }] },
  },
  'out of capacity': {
    cloud: { create: [{ ...some(0.4), mode: 'before', error: 'capacity' }] },
  },
  'says that its quota is used up': {
    cloud: { create: [{ ...some(0.5), mode: 'before', error: 'quota' }] },
  },
  // Enough for the largest request: one that never fits is refused, and rightly.
  'quota is lowered': { limit: 3 },
  'deletions fail': { cloud: { delete: [{ ...some(0.5), mode: 'error' }] } },
  'deletions lie': { cloud: { delete: [{ ...some(0.4), mode: 'lie' }] } },
  'deletions are said to be done early': {
    cloud: { deleteDelaySeconds: [0.5, 3] },
    wire: { deletesLater: 0.7 },
  },
  'listings miss servers': { cloud: { listingMisses: 0.4 } },
  'listings are old': { wire: { listingLagSeconds: 6 } },
  'calls are lost': { wire: { losesRequest: 0.3 } },
  'answers are lost': { wire: { losesAnswer: 0.4 } },
  'too many calls': { wire: { throttles: 0.5 } },
  'does not answer at all': { wire: { losesRequest: 1 } },
} as const satisfies Record<string, Weather>;

type WeatherName = keyof typeof WEATHERS;

/** Now and then two kinds of trouble come together. */
const CHANCE_OF_TWO = 0.3;

export function badWeather({ random, providers }: Draw): Fault {
  const provider = pick(random, providers);
  const names = Object.keys(WEATHERS) as WeatherName[];
  const first = pick(random, names);
  const second = pick(random, names);
  const kinds = random() < CHANCE_OF_TWO && second !== first ? [first, second] : [first];
  const ms = between(random, 3000, 10_000);
  return {
    target: `cloud ${provider}`,
    words: `cloud of ${provider}: ${kinds.join(', and ')} for ${ms} ms`,
    strike: async (victims, wait) => {
      setWeather(
        victims,
        provider,
        kinds.map((kind) => WEATHERS[kind]),
      );
      await wait(ms);
      setWeather(victims, provider, []);
    },
  };
}

/** Only what the kinds name is bad; without any it is a good day. */
export function setWeather(
  { clouds }: Pick<Victims, 'clouds'>,
  provider: string,
  kinds: readonly Weather[],
): void {
  const cloud = clouds.cloud(provider);
  cloud.setFaults(kinds.reduce<Faults>((all, { cloud: one }) => ({ ...all, ...one }), GOOD_DAY));
  clouds.setWireFaults(
    provider,
    kinds.reduce<WireFaults>((all, { wire }) => ({ ...all, ...wire }), NO_WIRE_FAULTS),
  );
  cloud.setLimits({
    instances: Math.min(CLOUD_LIMIT, ...kinds.map((k) => k.limit ?? CLOUD_LIMIT)),
  });
}
