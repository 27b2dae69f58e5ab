/** Which builder has the log of a build. */
import { buildLogsSchema } from '../../../schemas/builder-status.ts';
import { askBuilders, type AskOptions } from '../../asking/builders.ts';
import { chooseLog } from '../../asking/choose-log.ts';
import type { BuilderSource } from './source.ts';

export type FoundLog =
  | { readonly kind: 'found'; readonly url: string; readonly build: string }
  /** `isOutOfReach`: there may be one, but a builder did not answer. */
  | { readonly kind: 'missing'; readonly isOutOfReach: boolean; readonly why: string };

/** `build` undefined: that of the build that runs, else the newest. */
export async function findLog(
  { image, build }: { readonly image: string; readonly build: string | undefined },
  source: BuilderSource,
  options: AskOptions,
): Promise<FoundLog> {
  const builds = source.buildsOf(image);
  const urls = source
    .targets(builds.flatMap(({ record }) => record.builder ?? []))
    .map(({ url }) => url);
  const path = `build-logs/${encodeURIComponent(image)}`;
  const answers = await askBuilders(urls, path, buildLogsSchema, options);
  const choice = chooseLog({ wanted: build, builds, answers, local: [] });
  if (choice.kind === 'builder') return { kind: 'found', url: choice.url, build: choice.build };
  const problems = answers.flatMap(({ url, problem }) =>
    problem === undefined ? [] : [`; builder at ${url}: ${problem}`],
  );
  const what = choice.kind === 'nothing' ? `image ${image} has no log` : 'no builder has the log';
  const why = what + (urls.length === 0 ? '; no builder is online' : problems.join(''));
  return { kind: 'missing', isOutOfReach: problems.length > 0, why };
}
