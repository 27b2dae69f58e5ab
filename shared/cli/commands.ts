/** All commands of `nodepool`, in the order in which its help shows them. */
import type { Command } from './command.ts';
import { alienImageList } from './commands/alien-image-list.ts';
import { completionCommand } from './commands/completion.ts';
import { configSchema } from './commands/config-schema.ts';
import { configValidate } from './commands/config-validate.ts';
import { deleteCommand } from './commands/delete.ts';
import { dibImageDelete } from './commands/dib-image-delete.ts';
import { dibImageList } from './commands/dib-image-list.ts';
import { dibImageLog } from './commands/dib-image-log.ts';
import { doctor } from './commands/doctor.ts';
import { drainCommand } from './commands/drain.ts';
import { erase } from './commands/erase.ts';
import { explainCommand } from './commands/explain.ts';
import { exportImageData } from './commands/export-image-data.ts';
import { hold } from './commands/hold.ts';
import { dibImageBuild, imageBuild } from './commands/image-build.ts';
import { imageDelete } from './commands/image-delete.ts';
import { imageList } from './commands/image-list.ts';
import { imagePause, imageUnpause } from './commands/image-pause.ts';
import { imageStatus } from './commands/image-status.ts';
import { importImageData } from './commands/import-image-data.ts';
import { info } from './commands/info.ts';
import { list } from './commands/list.ts';
import { plan } from './commands/plan.ts';
import { requestList } from './commands/request-list.ts';
import { top } from './commands/top.ts';
import { uploadList } from './commands/upload-list.ts';

export const commands: readonly Command[] = [
  list,
  hold,
  deleteCommand,
  requestList,
  imageList,
  dibImageList,
  dibImageLog,
  uploadList,
  imageStatus,
  imageBuild,
  dibImageBuild,
  imagePause,
  imageUnpause,
  dibImageDelete,
  imageDelete,
  alienImageList,
  info,
  erase,
  exportImageData,
  importImageData,
  drainCommand,
  explainCommand,
  top,
  plan,
  doctor,
  configValidate,
  configSchema,
  completionCommand(() => commands),
];
