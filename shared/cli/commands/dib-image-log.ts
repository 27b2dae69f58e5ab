/**
 * `nodepool dib-image-log IMAGE [-f] [--build-id ID] [--tail N] [--url URL]`: what diskimage-builder says
 * in a build, also while it says it.
 *
 * The builder that has the log is asked at its web server; a log in this machine's `build-log-dir` is
 * read there if no builder gives it. Exit code 1 where there is none that could be had. Python's
 * `nodepool` has no such command.
 */
import { isBuildId, parseFullBuildId } from '../../build-logs/names.ts';
import { fetchLog } from '../build-log/fetch-log.ts';
import { readFileLog } from '../build-log/file-log.ts';
import { findLog } from '../build-log/find-log.ts';
import type { Command } from '../command.ts';
import { toUrl } from '../url-option.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

export const dibImageLog: Command = {
  name: 'dib-image-log',
  positional: '<image>',
  describe: 'show the log of a build',
  options: (parser) =>
    parser
      .positional('image', {
        type: 'string',
        describe: 'name of the image, or id of a build as dib-image-list has it',
      })
      .option('follow', {
        alias: 'f',
        boolean: true,
        default: false,
        describe: 'show what comes until the build has ended',
      })
      .option('build-id', {
        string: true,
        requiresArg: true,
        coerce: toBuild,
        describe: 'id of the build. Default: the one that runs, else the newest',
      })
      .option('tail', {
        string: true,
        requiresArg: true,
        coerce: toLines,
        describe: 'begin with the last so many lines',
      })
      .option('url', {
        string: true,
        requiresArg: true,
        coerce: (url: string | undefined) => (url === undefined ? undefined : toUrl(url)),
        describe: 'web server of the builder. Default: where ZooKeeper says that they run',
      }),
  async run(context, args) {
    const config = await configOf(context);
    const wish = {
      isFollowing: args.follow === true,
      tailLines: args.tail as number | undefined,
    };
    const name = { name: String(args.image), build: args['build-id'] as string | undefined };
    await withZooKeeperOf(config, context, async (client) => {
      const { signal, warn } = context;
      const url = args.url as string | undefined;
      const found = await findLog(name, { client, signal, warn, config, context, url });
      const folder = config.buildLogDir;
      const pieces =
        found.url === undefined
          ? readFileLog(found.key, wish, { folder, client, context })
          : fetchLog(found.url, found.key, wish, signal);
      for await (const piece of pieces) await context.write(piece);
    });
    return 0;
  },
};

/** Wrong ones are errors of the command line. */
function toBuild(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const build = parseFullBuildId(text)?.build ?? text;
  if (isBuildId(build)) return build;
  throw new Error(`--build-id ${text}: not the id of a build`);
}

function toLines(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--tail ${text}: not a number of lines`);
}
