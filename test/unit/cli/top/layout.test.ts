import assert from 'node:assert/strict';
import fc from 'fast-check';

import { lineWidth, plainText } from '../../../../shared/cli/terminal/lines.ts';
import { fitHeights } from '../../../../shared/cli/top/fit-heights.ts';
import { layout, LEAST_SIZE, wholePicture } from '../../../../shared/cli/top/layout.ts';
import { PANES } from '../../../../shared/cli/top/panes/all.ts';
import { INITIAL_VIEW, press, type ViewState } from '../../../../shared/cli/top/view-state.ts';
import {
  anyData,
  dataOf,
  emptyStored,
  launcherOf,
  launchOf,
  providerOf,
  silentLauncher,
} from './world.ts';

const anyView: fc.Arbitrary<ViewState> = fc.record({
  focus: fc.nat({ max: PANES.length - 1 }),
  from: fc.array(fc.nat({ max: 100 }), { minLength: PANES.length, maxLength: PANES.length }),
  filter: fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 120 })),
  isTyping: fc.boolean(),
  isPaused: fc.boolean(),
});
const columns = fc.integer({ min: 1, max: 250 });
const rows = fc.integer({ min: 1, max: 80 });

const many = dataOf({
  stored: { ...emptyStored, requests: new Map([['requested', 40]]) },
  launchers: [
    launcherOf({
      launches: Array.from({ length: 50 }, (_, i) => launchOf({ request: `100-${i}` })),
    }),
  ],
});
const focusedOnLaunches = { ...INITIAL_VIEW, focus: 1 };
const textsOf = (view: ViewState, size = { columns: 100, rows: 24 }, data = many): string[] =>
  layout(data, view, size).lines.map(plainText);

describe('layout', () => {
  it('is never wider or higher than the terminal, and fills it', () => {
    fc.assert(
      fc.property(anyData, anyView, columns, rows, (data, view, width, height) => {
        const { lines } = layout(data, view, { columns: width, rows: height });
        assert.ok(lines.length <= height);
        for (const line of lines) assert.ok(lineWidth(line) <= width, plainText(line));
        if (width >= LEAST_SIZE.columns && height >= LEAST_SIZE.rows)
          assert.equal(lines.length, height);
      }),
    );
  });

  it('lets nothing through that commands the terminal', () => {
    fc.assert(
      fc.property(anyData, anyView, (data, view) => {
        const { lines } = layout(data, view, { columns: 200, rows: 60 });
        for (const line of lines) assert.doesNotMatch(plainText(line), /\p{Cc}/u);
      }),
    );
  });

  it('keeps scrolling within the lists, and shows the focused pane', () => {
    fc.assert(
      fc.property(anyData, anyView, rows, (data, view, height) => {
        const size = { columns: 100, rows: height + LEAST_SIZE.rows };
        const drawn = layout(data, view, size);
        assert.deepEqual(layout(data, drawn.view, size), drawn);
        assert.ok(drawn.lines.some((line) => plainText(line).startsWith('▶')));
      }),
    );
  });

  it('says what it needs where there is too little room', () => {
    const texts = textsOf(INITIAL_VIEW, { columns: 30, rows: 8 });
    assert.deepEqual(texts, ['30x8 is too small', 'nodepool top needs 40x10']);
  });

  it('gives the focused pane the most room, and says which part is shown', () => {
    const texts = textsOf(focusedOnLaunches);
    assert.ok(
      texts.some((one) => /^▶ Launches: 50 {2}1-1\d of 50/.test(one)),
      texts.join('\n'),
    );
    const scrolled = textsOf({ ...focusedOnLaunches, from: [0, 1000, 0, 0, 0, 0] });
    assert.ok(scrolled.some((one) => /^▶ Launches: 50 {2}\d+-50 of 50/.test(one)));
  });

  it('shows only rows that have the filter in them', () => {
    const texts = textsOf({ ...focusedOnLaunches, filter: '100-4' });
    assert.equal(texts.filter((one) => one.startsWith('100-')).length, 11);
    assert.match(texts.at(-1) ?? '', /^filter: 100-4 {2}escape drops it/);
  });

  it('cuts no id of a request, and no bar', () => {
    const launches = [launchOf({ request: '200-0000000042', problem: 'x'.repeat(100) })];
    const use = { resource: 'cores', used: 5, reserved: 0, limit: 10 };
    const providers = [providerOf({ state: 'absent', problem: 'y'.repeat(100), quota: [use] })];
    const data = dataOf({ launchers: [launcherOf({ launches, providers })] });
    const text = textsOf(INITIAL_VIEW, { columns: 80, rows: 30 }, data).join('\n');
    assert.match(text, /^200-0000000042 {2}/m);
    assert.match(text, / ████···· /);
  });

  it('says what is wrong', () => {
    const lines = (data = many): string => textsOf(INITIAL_VIEW, undefined, data).join('\n');
    assert.match(lines(dataOf({ isCurrent: false })), /no connection to ZooKeeper/);
    assert.match(lines(dataOf()), /no launcher is registered/);
    assert.match(
      lines(dataOf({ launchers: [silentLauncher('answers 404')] })),
      /no launcher tells/,
    );
    assert.doesNotMatch(lines(), /no launcher/);
  });
});

describe('wholePicture', () => {
  it('has all rows, and is never too wide', () => {
    assert.equal(
      wholePicture(many, INITIAL_VIEW, 100).filter((line) => plainText(line).startsWith('100-'))
        .length,
      50,
    );
    fc.assert(
      fc.property(anyData, columns, (data, width) => {
        for (const line of wholePicture(data, INITIAL_VIEW, width))
          assert.ok(lineWidth(line) <= width);
      }),
    );
  });
});

describe('fitHeights', () => {
  it('gives the focused pane up to a half of what is left, and titles to all', () => {
    assert.deepEqual(fitHeights([20, 20, 20], 1, 23), [5, 13, 5]);
    assert.deepEqual(fitHeights([20, 20, 20], 1, 3), [1, 1, 1]);
    assert.deepEqual(fitHeights([20, 20, 20], 2, 2), [0, 1, 1]);
    assert.deepEqual(fitHeights([1, 20, 1], 0, 23), [1, 20, 1]);
  });

  it('gives no more than there is, nor than is wanted, and leaves nothing that is wanted', () => {
    const wants = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(wants, fc.nat(7), fc.integer({ min: 1, max: 100 }), (wanted, at, room) => {
        const focus = at % wanted.length;
        const heights = fitHeights(wanted, focus, room);
        const sum = heights.reduce((all, one) => all + one, 0);
        assert.ok(sum <= room);
        for (const [i, height] of heights.entries()) assert.ok(height <= (wanted[i] ?? 0));
        assert.ok((heights[focus] ?? 0) >= 1);
        const isUnfed = heights.some((height, i) => height > 1 && height < (wanted[i] ?? 0));
        if (isUnfed) assert.equal(sum, room);
      }),
    );
  });
});

describe('press', () => {
  const pressAll = (...keys: string[]): ViewState | 'end' =>
    keys.reduce<ViewState | 'end'>(
      (view, key) => (view === 'end' ? view : press(view, key, 10)),
      INITIAL_VIEW,
    );
  const viewOf = (...keys: string[]): ViewState => {
    const view = pressAll(...keys);
    assert.ok(view !== 'end');
    return view;
  };

  it('moves between panes, around the end', () => {
    assert.equal(viewOf('tab', 'tab').focus, 2);
    assert.equal(viewOf('back-tab').focus, PANES.length - 1);
    assert.equal(viewOf('back-tab', 'tab').focus, 0);
  });

  it('scrolls the focused pane only', () => {
    assert.deepEqual(viewOf('tab', 'j', 'down', 'page-down', 'k').from, [0, 11, 0, 0, 0, 0]);
    assert.deepEqual(viewOf('up').from, [0, 0, 0, 0, 0, 0]);
  });

  it('takes letters for the filter while it is typed', () => {
    assert.equal(viewOf('/', 'q', 'p', 'ü').filter, 'qpü');
    assert.equal(viewOf('/', 'a', 'ü', 'backspace', 'up').filter, 'a');
    assert.deepEqual(
      [viewOf('/', 'a', 'enter').isTyping, viewOf('/', 'a', 'enter').filter],
      [false, 'a'],
    );
    assert.equal(viewOf('/', 'a', 'escape').filter, '');
    assert.equal(viewOf('/', 'a', 'enter', 'escape').filter, '');
  });

  it('pauses, goes on, and ends', () => {
    assert.equal(viewOf('p').isPaused, true);
    assert.equal(viewOf('p', 'p').isPaused, false);
    assert.equal(pressAll('/', 'a', 'enter', 'q'), 'end');
  });
});
