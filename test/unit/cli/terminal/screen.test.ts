import assert from 'node:assert/strict';

import { piece, type Line } from '../../../../shared/cli/terminal/lines.ts';
import { Screen, type Picture } from '../../../../shared/cli/terminal/screen.ts';
import type { Size } from '../../../../shared/cli/terminal/terminal.ts';
import { FakeTerminal } from './fake-terminal.ts';

const LEFT = '\x1b[?7h\x1b[?25h\x1b[?1049l';

class Counter implements Picture {
  pressed: string[] = [];
  isBroken = false;

  draw({ columns, rows }: Size): Line[] {
    if (this.isBroken) throw new Error('broken');
    return [[piece(`${columns}x${rows} ${this.pressed.join(' ')}`)], [piece('second')]];
  }

  press(key: string): 'go-on' | 'end' {
    this.pressed.push(key);
    return key === 'q' ? 'end' : 'go-on';
  }
}

describe('Screen', () => {
  let terminal: FakeTerminal;
  let picture: Counter;
  let stop: AbortController;
  let screen: Screen;
  beforeEach(() => {
    terminal = new FakeTerminal();
    picture = new Counter();
    stop = new AbortController();
    screen = new Screen({ terminal, picture, signal: stop.signal });
  });
  afterEach(() => {
    screen.close();
  });

  function assertLeft(): void {
    assert.ok(terminal.written.endsWith(LEFT));
    assert.equal(terminal.written.split(LEFT).length, 2, 'left once');
    assert.deepEqual([terminal.isRead, terminal.atExit.size], [false, 0]);
  }

  it('draws at once, after each key, and when the size changes', () => {
    assert.deepEqual(terminal.lines, ['80x24', 'second', '']);
    terminal.type('\x1b[Aj');
    assert.deepEqual(terminal.lines, ['80x24 up j', 'second', '']);
    terminal.resize(5, 1);
    assert.deepEqual(terminal.lines, ['5x1 …']);
  });

  it('is left where the process ends without a word', () => {
    assert.deepEqual([...terminal.atExit], [LEFT]);
  });

  it('ends with a key of the picture', async () => {
    terminal.type('xqy');
    await screen.ended;
    assert.deepEqual(picture.pressed, ['x', 'q']);
    assertLeft();
  });

  it('ends at Ctrl-C, which arrives as a character', async () => {
    terminal.type('\x03');
    await screen.ended;
    assertLeft();
  });

  it('ends with the signal', async () => {
    stop.abort();
    await screen.ended;
    assertLeft();
  });

  it('ends when the terminal hangs up', async () => {
    process.emit('SIGHUP');
    await screen.ended;
    assertLeft();
    assert.equal(process.listenerCount('SIGHUP'), 0);
  });

  it('leaves the terminal in order when the picture fails', async () => {
    picture.isBroken = true;
    screen.redraw();
    await assert.rejects(screen.ended, /broken/);
    assertLeft();
  });

  it('stops and comes back', () => {
    terminal.type('\x1a');
    assert.equal(terminal.stops, 1);
    assert.ok(terminal.isRead);
    assert.deepEqual(terminal.lines, ['80x24', 'second', '']);
  });
});
