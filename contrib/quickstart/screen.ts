/** What the quickstart prints: plain lines, coloured on a terminal only. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export interface Screen {
  title(text: string): void;
  /** A step that is done. */
  done(what: string, detail: string): void;
  /** A name and where it is. */
  place(name: string, where: string): void;
  /** What just happened to a request. */
  event(request: string, text: string, kind?: 'good' | 'bad'): void;
  line(text: string): void;
}

export function makeScreen(output: NodeJS.WriteStream, now: () => Date): Screen {
  const useColour = output.isTTY && process.env.NO_COLOR === undefined;
  const style = (how: Style, text: string): string => (useColour ? styleText(how, text) : text);
  const print = (text: string): void => {
    output.write(`${text}\n`);
  };
  return {
    title: (text) => {
      print(`\n${style('bold', text)}`);
    },
    done: (what, detail) => {
      print(`  ${style('green', 'ok')}  ${what.padEnd(28)}${style('dim', detail)}`);
    },
    place: (name, where) => {
      print(`  ${name.padEnd(16)}${style('cyan', where)}`);
    },
    event: (request, text, kind) => {
      const time = now().toISOString().slice(11, 23);
      const colour = kind === 'good' ? 'green' : 'red';
      print(
        `  ${style('dim', time)}  ${request.padEnd(16)}${kind === undefined ? text : style(colour, text)}`,
      );
    },
    line: print,
  };
}
