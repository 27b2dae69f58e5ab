/**
 * An upload of a disk image to a provider, as it stands below `/nodepool/images`. Its ids are in the
 * path only.
 */
import { z } from 'zod';

const text = z.string().nullable().default(null);

const uploadShape = {
  state: z.enum(['uploading', 'ready', 'failed', 'deleting']),
  state_time: z.number().default(0),
  external_id: text,
  external_name: text,
  format: text,
  username: z.string().nullable().default('zuul'),
  python_path: z.string().nullable().default('/usr/bin/python2'),
  shell_type: text,
};
export const uploadSchema = z.looseObject(uploadShape);
export type UploadRecord = Readonly<z.infer<z.ZodObject<typeof uploadShape>>>;
