import assert from 'node:assert/strict';

import { NameBook } from '../../../../shared/drivers/ibmvpc/name-book.ts';

const thing = (id: string, name: string) => ({ id, name, status: 'x', group: { id: 'g' } });
type Thing = ReturnType<typeof thing>;

const listOf = (...all: readonly Thing[]): ReadonlyMap<string, Thing> =>
  new Map(all.map((one) => [one.id, one]));

describe('the book of names', () => {
  it('knows what was listed last', () => {
    const book = new NameBook<Thing>();
    const [one, two] = [thing('1', 'a'), thing('2', 'b')];
    book.learn(listOf(one, two));
    assert.equal(book.get('a'), one);
    assert.ok(book.wasListed(one));
    book.learn(listOf(two));
    assert.equal(book.get('a'), undefined);
    assert.ok(!book.wasListed(one));
  });

  it('knows what was made until a listing has it', () => {
    const book = new NameBook<Thing>();
    const made = thing('1', 'a');
    book.learn(listOf(thing('0', 'a')));
    book.note(made);
    assert.equal(book.get('a'), made);
    book.learn(listOf(thing('0', 'a')));
    assert.equal(book.get('a'), made, 'the listing is late');
    const listed = thing('1', 'a');
    book.learn(listOf(listed));
    assert.equal(book.get('a'), listed);
    book.learn(listOf());
    assert.equal(book.get('a'), undefined);
  });

  it('forgets what is gone, and not what has its name since', () => {
    const book = new NameBook<Thing>();
    const [old, young] = [thing('1', 'a'), thing('2', 'a')];
    book.learn(listOf(old));
    book.forget(old);
    assert.equal(book.get('a'), undefined);
    book.note(young);
    book.forget(old);
    assert.equal(book.get('a'), young);
    book.forget(young);
    assert.equal(book.get('a'), undefined);
  });
});
