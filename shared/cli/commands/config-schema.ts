/**
 * `nodepool config-schema`: the JSON Schema of nodepool.yaml, for editors.
 */
import { configJsonSchema } from '../../../schemas/config/json-schema.ts';
import type { Command } from '../command.ts';

export const configSchema: Command = {
  name: 'config-schema',
  describe: 'Print the JSON Schema of the configuration file, for editors',
  run(context) {
    context.print(JSON.stringify(configJsonSchema(), null, 2));
    return Promise.resolve(0);
  },
};
