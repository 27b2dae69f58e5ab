/**
 * `nodepool upload-list [--json] [--url URL]`: uploads that run, and how far they are.
 *
 * Builders tell it at their web servers; those that do not are named on stderr, which is no error.
 * Python's `nodepool` has no such command, its builders cannot be asked.
 */
import type { z } from 'zod';

import { uploadsSchema, type RunningUploadStatus } from '../../../schemas/builder-status.ts';
import { renderTable } from '../../base/table.ts';
import { sayBytes, sayDuration } from '../../base/words.ts';
import { askBuilders, builderUrls, type Asked } from '../build-log/builders.ts';
import type { Command, Context } from '../command.ts';
import { readComponents } from '../records.ts';
import { splitRepeated } from '../repeated.ts';
import { toUrl } from '../to-url.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

type Answer = Asked<z.infer<typeof uploadsSchema>>;

const COLUMNS = [
  ...['Build ID', 'Upload ID', 'Provider', 'Builder'],
  ...['Sent', 'Total', 'Percent', 'Rate', 'Left', 'Since'],
];

export const uploadList: Command = {
  name: 'upload-list',
  describe: 'list uploads that run, and how far they are',
  options: (parser) =>
    parser.option('json', { boolean: true, default: false, describe: 'print JSON' }).option('url', {
      string: true,
      requiresArg: true,
      coerce: (urls: string | undefined) =>
        urls === undefined ? undefined : splitRepeated(urls).map(toUrl),
      describe:
        'web server of a builder; may be repeated. Default: where ZooKeeper says that they run',
    }),
  async run(context, args) {
    const urls = (args.url as readonly string[] | undefined) ?? (await findBuilders(context));
    const answers = await askBuilders(urls, 'uploads', uploadsSchema, context);
    for (const { url, problem } of answers)
      if (problem !== undefined) context.warn(`nodepool: builder at ${url}: ${problem}`);
    const uploads = uploadsOf(answers);
    context.print(args.json === true ? JSON.stringify(uploads, null, 2) : uploadTable(uploads));
    return 0;
  },
};

async function findBuilders(context: Context): Promise<string[]> {
  const config = await configOf(context);
  const builders = await withZooKeeperOf(config, context, (client) =>
    readComponents('builder', { client, signal: context.signal, warn: context.warn }),
  );
  const hosts = builders.map(({ hostname }) => hostname);
  if (hosts.length === 0) context.warn('nodepool: no builder is registered');
  return builderUrls(hosts, config, context.hostname);
}

type Upload = RunningUploadStatus & { readonly builder: string };

/** A builder that was asked under two names counts once. */
function uploadsOf(answers: readonly Answer[]): Upload[] {
  const perBuilder = new Map(
    answers.flatMap(({ answer }) => (answer ? [[answer.builder, answer.uploads] as const] : [])),
  );
  return [...perBuilder].flatMap(([builder, uploads]) =>
    uploads.map((upload) => ({ builder, ...upload })),
  );
}

function uploadTable(uploads: readonly Upload[]): string {
  return renderTable(
    COLUMNS,
    uploads.map((one) => [
      ...[`${one.image}-${one.build}`, one.upload, one.provider, one.builder],
      sayBytes(one.sent_bytes),
      one.total_bytes === 0 ? '' : sayBytes(one.total_bytes),
      `${Math.floor(one.percent)} %`,
      `${sayBytes(one.bytes_per_second)}/s`,
      one.seconds_left === null ? '' : sayDuration(one.seconds_left),
      sayDuration(one.seconds),
    ]),
  );
}
