/**
 * `nodepool upload-list [--url URL]`: uploads that run, and how far they are.
 *
 * Builders tell it at their web servers; those that do not are named on stderr, which is no error.
 * Python's `nodepool` has no such command, its builders cannot be asked.
 */
import type { z } from 'zod';

import { uploadsSchema, type RunningUploadStatus } from '../../../schemas/builder-status.ts';
import { sayBytes, sayDuration } from '../../base/words.ts';
import { COMPONENTS } from '../../store/paths.ts';
import { askBuilders, builderUrls, type Asked } from '../../asking/builders.ts';
import type { Table } from '../listing/fitted-table.ts';
import { listingCommand, type Told } from '../listing/show.ts';
import { readComponents, type ReadOptions } from '../records.ts';
import { urlsOption } from '../url-option.ts';

type Answer = Asked<z.infer<typeof uploadsSchema>>;

const COLUMNS = [
  ...['Build ID', 'Upload ID', 'Provider', 'Builder'],
  ...['Sent', 'Total', 'Percent', 'Rate', 'Left', 'Since'],
];
/** Of the columns; those of the JSON where it has the same. */
const KEYS = [
  ...['id', 'upload_id', 'provider', 'builder'],
  ...['sent_bytes', 'total_bytes', 'percent', 'bytes_per_second', 'seconds_left', 'seconds'],
];

export const uploadList = listingCommand({
  name: 'upload-list',
  describe: 'list uploads that run, and how far they are',
  options: (parser) => urlsOption(parser, 'a builder'),
  roots: ({ url }) => (url === undefined ? [COMPONENTS] : []),
  isAskedAnew: true,
  async look(options, args, told) {
    const { context } = told;
    const urls = (args.url as readonly string[] | undefined) ?? (await findBuilders(options, told));
    const answers = await askBuilders(urls, 'uploads', uploadsSchema, context);
    for (const { url, problem } of answers)
      if (problem !== undefined) context.warn(`nodepool: builder at ${url}: ${problem}`);
    const uploads = uploadsOf(answers);
    const view = { blocks: [uploadTable(uploads)], json: JSON.stringify(uploads) };
    return () => view;
  },
});

async function findBuilders(
  options: ReadOptions,
  { config, context }: Told,
): Promise<readonly string[]> {
  const builders = await readComponents('builder', options);
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

function uploadTable(uploads: readonly Upload[]): Table {
  const rows = uploads.map((one) => [
    ...[`${one.image}-${one.build}`, one.upload, one.provider, one.builder],
    sayBytes(one.sent_bytes),
    one.total_bytes === 0 ? '' : sayBytes(one.total_bytes),
    `${Math.floor(one.percent)} %`,
    `${sayBytes(one.bytes_per_second)}/s`,
    one.seconds_left === null ? '' : sayDuration(one.seconds_left),
    sayDuration(one.seconds),
  ]);
  return { keys: KEYS, headers: COLUMNS, rows };
}
