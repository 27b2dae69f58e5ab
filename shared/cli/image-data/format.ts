/**
 * The file of `export-image-data`: one JSON object, the data of znodes as text by their paths. Pauses,
 * builds and uploads; no requests, no locks. Python's command reads what is written here, and the other
 * way round (nodepool/zk/zookeeper.py, exportImageData and importImageData).
 *
 * Pure.
 */
import { buildSchema, uploadSchema } from '../../../schemas/records/image.ts';
import { messageOf } from '../../base/errors.ts';
import { decode } from '../../store/codec.ts';
import type { ImageData, ImageZnode } from '../../store/image-data.ts';
import {
  buildPath,
  isName,
  parseBuildPath,
  parsePausePath,
  parseUploadPath,
} from '../../store/paths.ts';
import { pythonJson } from '../../base/python-json.ts';

/** Data by path, in the order in which it is written. */
export function imageDataText(entries: readonly (readonly [path: string, data: string])[]): string {
  return pythonJson(Object.fromEntries(entries));
}

export interface ParsedImageData {
  readonly data: ImageData;
  /** What makes the file unusable, a line each; with any of them `data` is not to be used. */
  readonly problems: readonly string[];
  /** What can be used and is not as it should be, a line each. */
  readonly remarks: readonly string[];
}

/**
 * Numbers count the uploads of one build to one provider, and the counter of ZooKeeper has to be moved
 * that far, a step each: more than this is no honest number.
 */
const MAX_UPLOAD_NUMBER = 100_000;

/** Looks through all of a file, so that nothing of a bad one is imported. */
export function parseImageData(file: Uint8Array): ParsedImageData {
  const json = parseJson(file);
  if ('problem' in json) return { data: NOTHING, problems: [json.problem], remarks: [] };
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return {
      data: NOTHING,
      problems: ['it must be a JSON object of paths and texts, as export-image-data writes it'],
      remarks: [],
    };
  const entries = Object.entries(value as Record<string, unknown>);
  const paths = new Set(entries.map(([path]) => path));
  const data: Record<keyof ImageData, ImageZnode[]> = { pauses: [], builds: [], uploads: [] };
  const problems: string[] = [];
  const remarks: string[] = [];
  for (const [path, text] of entries) {
    const kind = kindOf(path);
    const problem = problemOf(path, text, kind, paths);
    if (problem !== undefined || kind === undefined) problems.push(`${path}: ${problem ?? ''}`);
    else {
      const znode = { path, data: Buffer.from(String(text)) };
      data[kind].push(znode);
      if (!isReadable(znode, kind))
        remarks.push(`${path} holds no record; it is imported as it is`);
    }
  }
  return { data, problems, remarks };
}

const NOTHING: ImageData = { pauses: [], builds: [], uploads: [] };

function parseJson(file: Uint8Array): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file)) as unknown };
  } catch (error) {
    return { problem: `it is no JSON: ${messageOf(error)}` };
  }
}

function kindOf(path: string): keyof ImageData | undefined {
  if (parsePausePath(path) !== undefined) return 'pauses';
  if (parseBuildPath(path) !== undefined) return 'builds';
  return parseUploadPath(path) === undefined ? undefined : 'uploads';
}

function problemOf(
  path: string,
  text: unknown,
  kind: keyof ImageData | undefined,
  paths: ReadonlySet<string>,
): string | undefined {
  if (kind === undefined || !path.split('/').slice(1).every(isName))
    return 'this is no path of a pause, a build or an upload below /nodepool/images';
  if (typeof text !== 'string') return 'its value must be text';
  const upload = parseUploadPath(path);
  if (upload === undefined) return undefined;
  if (!paths.has(buildPath(upload))) return `its build ${buildPath(upload)} is not in the file`;
  if (Number(upload.upload) > MAX_UPLOAD_NUMBER) return 'no upload has such a number';
  return undefined;
}

/** Empty znodes are no remark: a lock leaves them where a build was. */
function isReadable({ data }: ImageZnode, kind: keyof ImageData): boolean {
  if (kind === 'pauses' || data.length === 0) return true;
  return decode(kind === 'builds' ? buildSchema : uploadSchema, data).ok;
}
