/** `inputs.json`: what went into a build, as it is kept beside it. */
import { z } from 'zod';

import type { BuildKey } from '../../shared/store/paths.ts';
import { digestOfInputs, type Inputs } from './inputs.ts';
import { nameOfKey } from './key.ts';
import { RecordFolder } from './record-folder.ts';

const FILE = 'inputs.json';
const VERSION = 1;

export interface InputsRecord {
  readonly inputs: Inputs;
  /** Names of all elements that diskimage-builder used, its own included; empty: not known. */
  readonly used: readonly string[];
}

const table = z.record(z.string(), z.string());
const schema = z.object({
  version: z.literal(VERSION),
  digest: z.string(),
  key: z.string(),
  used: z.array(z.string()),
  inputs: z.object({
    ...{ command: z.string(), elements: z.array(z.string()), release: z.string() },
    ...{ variables: table, folders: table, place: z.string() },
  }),
});

export async function writeInputs(
  folder: RecordFolder,
  record: InputsRecord,
  key: Buffer,
): Promise<void> {
  const stored: z.input<typeof schema> = {
    version: VERSION,
    digest: digestOfInputs(record.inputs),
    key: nameOfKey(key),
    used: [...record.used],
    inputs: { ...record.inputs, elements: [...record.inputs.elements] },
  };
  await folder.write(FILE, stored);
}

/** Undefined: there is none, or none that can be compared. */
export async function readInputs(
  imagesDir: string,
  build: BuildKey,
  key: Buffer,
): Promise<InputsRecord | undefined> {
  const data = await new RecordFolder(imagesDir, build).read(FILE);
  const { success, data: stored } = schema.safeParse(data);
  return success && stored.key === nameOfKey(key) ? stored : undefined;
}
