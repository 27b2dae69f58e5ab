/**
 * `diskimages[]`: the definitions of images that the builder makes, as they stand in the file.
 * Inheritance from `parent` is `shared/config`'s work.
 *
 * Facts: nodepool/config.py, DiskImage.setFromConfig.
 */
import { z } from 'zod';

import { flag, free, loose, secret, text, texts, whole, withFacts } from './kit.ts';

export const envVars = withFacts(
  z
    .record(z.string(), withFacts(secret(''), { isNumberFine: false }))
    .describe("Environment of the build. Merged with the parent's."),
  { mustNotBeEmpty: true, isSecret: true },
);

export const diskimageSchema = z.strictObject({
  name: text('Unique name.'),
  abstract: flag('Never built; only a parent of others. Not inherited.').default(false),
  parent: text('Image whose options are the defaults of this one. Chains are allowed.').optional(),
  elements: withFacts(texts("Elements of diskimage-builder, after the parent's."), {
    mustNotBeEmpty: true,
  }).optional(),
  'env-vars': envVars.optional(),
  formats: texts('Formats to build; providers add those that their uploads need.').optional(),
  'keep-formats': texts('Formats to keep with `delete-after-upload`.').optional(),
  'delete-after-upload': flag('Delete local files once they are uploaded everywhere.').optional(),
  pause: flag("Build nothing. A parent's `true` cannot be undone.").optional(),
  'rebuild-age': whole('Seconds after which an image is built anew. Default: 86400.').optional(),
  'build-timeout': whole('Seconds for a build. Default: 28800.').optional(),
  release: loose('`DIB_RELEASE` of the build. Default: empty.').optional(),
  username: text('User to log in as. Default: zuul.').optional(),
  'python-path': text('Python on the node. Default: auto.').optional(),
  'shell-type': text("Shell of the node, as Ansible's `ansible_shell_type`.").optional(),
  'dib-cmd': text('Command that builds. Default: disk-image-create.').optional(),
  metadata: free('Properties of uploads. Not inherited.').optional(),
});

export type DiskimageSection = z.output<typeof diskimageSchema>;
