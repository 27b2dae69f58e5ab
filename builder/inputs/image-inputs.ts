/** The parts that look at what goes into images, put together. */
import type { Config } from '../../schemas/config/model.ts';
import { commandWords } from '../dib/dib-command.ts';
import type { DibRunner } from '../dib/runner.ts';
import type { BuilderContext } from '../context.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import { newestFirst } from '../../shared/rules/images/view.ts';
import { viewsOf } from '../plan/views-of.ts';
import { readInputs } from './inputs-record.ts';
import { InputsKey } from './key.ts';
import { Recorder } from './recorder.ts';
import { Surveyor } from './survey.ts';
import { InputsWatch, type NewestBuild } from './watch.ts';

export interface ImageInputsOptions {
  readonly context: BuilderContext;
  readonly config: () => Config;
  readonly folder: ImageFolder;
  readonly runner: DibRunner;
  /** Stands for `%p` in `dib-cmd`. */
  readonly packageDir: string;
  /** Of this program. */
  readonly version: string;
  /** A build has become outdated, or is not any more. */
  readonly onChange: () => void;
}

export interface ImageInputs {
  readonly recorder: Recorder;
  readonly watch: InputsWatch;
}

export function imageInputs(options: ImageInputsOptions): ImageInputs {
  const { context, config, folder, runner, packageDir, version, onChange } = options;
  const { clock, images, host, builderId } = context;
  const log = context.log.named('nodepool.builder.BuildWorker');
  const key = new InputsKey(folder.path);
  const surveyor = new Surveyor({ clock, key });
  const newest = (image: string): NewestBuild | undefined =>
    newestFirst(viewsOf(images, image).filter(({ record }) => record.state === 'ready'))[0];
  return {
    recorder: new Recorder({ clock, log, folder, surveyor, key, version }),
    watch: new InputsWatch({
      ...{ clock, log, config, surveyor, host, builderId, newest, onChange },
      recorded: async (build) => readInputs(folder.path, build, await key.get()),
      place: async (dibCmd, signal) => runner.place(commandWords(dibCmd, packageDir), signal),
    }),
  };
}
