/**
 * Builds of disk images and their uploads, as they stand below `/nodepool/images`. Their ids, and the
 * names of image and provider, are in the path only.
 */
import { z } from 'zod';

const text = z.string().nullable().default(null);

/** How to log in to nodes made from it; the defaults are those of readers that find no such key. */
const loginShape = {
  username: z.string().nullable().default('zuul'),
  python_path: z.string().nullable().default('/usr/bin/python2'),
  shell_type: text,
};

const buildShape = {
  state: z.enum(['building', 'ready', 'failed', 'deleting']),
  /** Seconds since 1970, of the last change of the state. */
  state_time: z.number().default(0),
  /** Name of the host that builds. A key that has no value is not written. */
  builder: z.string().optional(),
  builder_id: z.string().optional(),
  /** With commas, sorted: `qcow2,raw`. */
  formats: z.string().optional(),
  ...loginShape,
};
export const buildSchema = z.looseObject(buildShape);
export type BuildRecord = Readonly<z.infer<z.ZodObject<typeof buildShape>>>;

const uploadShape = {
  state: z.enum(['uploading', 'ready', 'failed', 'deleting']),
  state_time: z.number().default(0),
  external_id: text,
  external_name: text,
  format: text,
  ...loginShape,
};
export const uploadSchema = z.looseObject(uploadShape);
export type UploadRecord = Readonly<z.infer<z.ZodObject<typeof uploadShape>>>;
