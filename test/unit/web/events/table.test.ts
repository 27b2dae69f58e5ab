import assert from 'node:assert/strict';
import fc from 'fast-check';

import { silentLogger } from '../../../../shared/base/log.ts';
import type { Frame } from '../../../../shared/web/events/frames.ts';
import { ROWS_A_PIECE, Table } from '../../../../shared/web/events/table.ts';
import { Things, ThingsPage } from '../../../support/event-things.ts';

describe('the table of a topic', () => {
  it('tells all in pieces, each made once for all readers', () => {
    const things = new Things();
    for (let i = 0; i < ROWS_A_PIECE * 2 + 1; i++) things.all.set(String(i), i);
    const table = new Table(things, silentLogger);
    const pieces = [...table.pieces()];
    assert.equal(pieces.length, 3);
    const page = new ThingsPage();
    for (const piece of pieces) page.read(piece.plain);
    assert.deepEqual(page.sorted(), things.expected());
    const { made } = things;
    assert.deepEqual(
      [...table.pieces()].map((piece, at) => piece === pieces[at]),
      [true, true, true],
    );
    assert.equal(things.made, made);
  });

  it('makes no more than the pieces that were taken', () => {
    const things = new Things();
    for (let i = 0; i < ROWS_A_PIECE * 3; i++) things.all.set(String(i), i);
    new Table(things, silentLogger).pieces().next();
    assert.equal(things.made, ROWS_A_PIECE);
  });

  it('says nothing of what readers know already, and makes only pieces with changes anew', () => {
    const things = new Things();
    for (let i = 0; i < ROWS_A_PIECE * 2; i++) things.all.set(String(i), i);
    const table = new Table(things, silentLogger);
    const [first, second] = [...table.pieces()];
    assert.equal(table.changed(['0', '1']), undefined);
    assert.equal(table.changed(['never-there']), undefined);
    things.all.set('0', 99);
    assert.match(
      table.changed(['0', '1'])?.plain.toString() ?? '',
      /"set":\[\{"id":"id-0","value":99\}\]/,
    );
    const again = [...table.pieces()];
    assert.notEqual(again[0], first);
    assert.equal(again[1], second);
  });

  it('leaves out what cannot be shown, and goes on', () => {
    const things = new Things();
    for (const key of ['a', 'b', 'c']) things.all.set(key, key === 'b' ? 1n : 1);
    const table = new Table(things, silentLogger);
    const page = new ThingsPage();
    for (const piece of table.pieces()) page.read(piece.plain);
    assert.deepEqual([...page.rows.keys()], ['id-a', 'id-c']);
    things.all.set('a', 1n);
    page.read(table.changed(['a', 'b'])?.plain ?? '');
    assert.deepEqual([...page.rows.keys()], ['id-c']);
  });

  it('brings every page to the same rows, whenever it came', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('set'), key: fc.nat(5), value: fc.nat(3) }),
        fc.record({ do: fc.constant('remove'), key: fc.nat(5) }),
        fc.record({ do: fc.constant('tell') }),
        fc.record({ do: fc.constant('come') }),
        fc.record({ do: fc.constant('piece'), page: fc.nat(3) }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.nat(5), (all, before) => {
        const things = new Things();
        for (let i = 0; i < before; i++) things.all.set(String(i), 0);
        const table = new Table(things, silentLogger);
        const pages: { page: ThingsPage; pieces: Iterator<Frame> }[] = [];
        const changed = new Set<string>();
        const tell = (): void => {
          const frame = table.changed(changed);
          changed.clear();
          for (const { page } of pages) page.read(frame?.plain ?? '');
        };
        for (const step of all) {
          if (step.do === 'set' && 'value' in step) {
            things.all.set(String(step.key), step.value);
            changed.add(String(step.key));
          } else if (step.do === 'remove' && 'key' in step) {
            things.all.delete(String(step.key));
            changed.add(String(step.key));
          } else if (step.do === 'come')
            pages.push({ page: new ThingsPage(), pieces: table.pieces() });
          else if (step.do === 'piece' && 'page' in step)
            pages[step.page]?.page.read(nextOf(pages[step.page]?.pieces)?.plain ?? '');
          else tell();
        }
        tell();
        for (const { page, pieces } of pages) {
          for (let piece = nextOf(pieces); piece; piece = nextOf(pieces)) page.read(piece.plain);
          assert.deepEqual(page.sorted(), things.expected());
        }
        assert.equal(table.size, things.all.size);
      }),
      { numRuns: 500 },
    );
  });
});

function nextOf(pieces: Iterator<Frame> | undefined): Frame | undefined {
  const next = pieces?.next();
  return next?.done === true ? undefined : next?.value;
}
