/**
 * `nodepool config-schema`: the JSON Schema of nodepool.yaml, for editors. Knows the drivers from outside
 * the tree that the configuration file names, where there is one.
 */
import { configJsonSchema } from '../../../schemas/config/json-schema.ts';
import { outsideSectionsIn } from '../../config/outside.ts';
import type { Command } from '../command.ts';

export const configSchema: Command = {
  name: 'config-schema',
  describe: 'Print the JSON Schema of the configuration file, for editors',
  async run({ configPath, environment, print }) {
    const outside = await outsideSectionsIn(configPath, environment);
    print(JSON.stringify(configJsonSchema(outside), null, 2));
    return 0;
  },
};
