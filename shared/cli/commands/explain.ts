/**
 * `nodepool explain REQUEST [--json] [--url URL]`: why a request is where it is.
 *
 * Exit code 1 where there is no such request. Works with ZooKeeper alone; launchers that answer add
 * what only they know.
 */
import type { Command, Context } from '../command.ts';
import { askLaunchers } from '../explain/ask.ts';
import { explain } from '../explain/explanation.ts';
import { readFacts, type Facts } from '../explain/facts.ts';
import { targetsOf, type Target } from '../../asking/targets.ts';
import { explanationText } from '../explain/text.ts';
import { urlsOption } from '../url-option.ts';
import { configOf, withZooKeeper } from '../zookeeper.ts';

export const explainCommand: Command = {
  name: 'explain',
  positional: '<request>',
  describe: 'explain why a request waits, is being served, or has failed',
  options: (parser) =>
    urlsOption(parser, 'a launcher')
      .positional('request', { type: 'string', describe: 'id of the request' })
      .option('json', { boolean: true, default: false, describe: 'print JSON' }),
  async run(context, args) {
    const id = String(args.request).replace(/^.*\//, '');
    const urls = args.url as readonly string[] | undefined;
    const facts = await withZooKeeper(context, (client) =>
      readFacts(id, { client, signal: context.signal, warn: context.warn }),
    );
    if (facts === undefined) {
      context.warn(
        `nodepool: there is no request ${id}: it was cancelled, has been answered and taken, or never was`,
      );
      return 1;
    }
    const targets = urls?.map((url) => ({ hostname: undefined, url }));
    const answers = await askLaunchers(
      targets ?? (await findLaunchers(context, facts)),
      id,
      context,
    );
    const now = context.clock.now() / 1000;
    const explanation = explain(facts, answers, now);
    context.print(
      args.json === true ? JSON.stringify(explanation, null, 2) : explanationText(explanation, now),
    );
    return 0;
  },
};

async function findLaunchers(context: Context, facts: Facts): Promise<Target[]> {
  const { webapp } = await configOf(context);
  return targetsOf([...facts.launchers, ...facts.pools], webapp, context.hostname);
}
