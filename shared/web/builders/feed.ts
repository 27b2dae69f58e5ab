/** What all builders do now, asked of their web servers: the event `builders`. */
import { buildsSchema, uploadsSchema, type BuilderNews } from '../../../schemas/builder-status.ts';
import { askBuilders, type AskOptions, type Asked } from '../../asking/builders.ts';
import type { BuilderSource } from './source.ts';

/** One that does not answer holds up no other, and is asked again with them. */
export async function builderNews(
  source: BuilderSource,
  options: AskOptions,
): Promise<BuilderNews> {
  const targets = source.targets();
  const urls = targets.map(({ url }) => url);
  const [builds, uploads] = await Promise.all([
    askBuilders(urls, 'builds', buildsSchema, options),
    askBuilders(urls, 'uploads', uploadsSchema, options),
  ]);
  return {
    builders: targets.map(({ hostname, url }, at) => {
      const problem = problemOf(builds[at], uploads[at]);
      return {
        host: hostname ?? url,
        reachable: problem === null,
        problem,
        builds: builds[at]?.answer?.builds ?? [],
        uploads: uploads[at]?.answer?.uploads ?? [],
      };
    }),
  };
}

function problemOf(...answers: (Asked<unknown> | undefined)[]): string | null {
  return answers.find((one) => one?.problem !== undefined)?.problem ?? null;
}
