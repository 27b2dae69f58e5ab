/** Clouds of which openstacksdk and we are asked. */
import { authentication } from './cases/authentication.ts';
import type { Case } from './cases/kit.ts';
import { networking, services } from './cases/options.ts';
import { environment, files, regions } from './cases/places.ts';
import { profiles } from './cases/profiles.ts';

export const groups: Readonly<Record<string, readonly Case[]>> = {
  files,
  environment,
  regions,
  authentication,
  services,
  networking,
  profiles,
};
