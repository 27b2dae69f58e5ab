/**
 * `nodepool completion bash|zsh|fish`: a script that completes command lines of `nodepool` at Tab. With
 * `--complete` it is what those scripts ask. Python's `nodepool` has no such command.
 */
import type { Command } from '../command.ts';
import { complete } from '../completion/complete.ts';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';

/** `commands`: all there are; asked for when they are needed, since this is one of them. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    positional: '<shell>',
    describe: 'print a completion script: source <(nodepool completion bash)',
    options: (parser) =>
      parser
        .positional('shell', { choices: SHELLS, demandOption: true, describe: 'bash, zsh or fish' })
        .option('complete', { boolean: true, default: false, hidden: true }),
    async run(context, args) {
      const shell = args.shell as Shell;
      if (args.complete !== true) context.print(SCRIPTS[shell]);
      else {
        // What follows `--` is taken by none of the arguments; the first is this command.
        const words = (args._ as (string | number)[]).slice(1).map(String);
        const lines = await complete(shell, words, commands(), context);
        if (lines.length > 0) context.print(lines.join('\n'));
      }
      return 0;
    },
  };
}
