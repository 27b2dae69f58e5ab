/** Searching, filtering and ordering rows. Pure, and quick enough for ten thousand at each keystroke. */

/** Rows never change, so what is searched in them is made once. */
const haystacks = /** @type {WeakMap<object, string>} */ (new WeakMap());

/**
 * All texts and numbers of a row, in small letters.
 *
 * @param {object} row
 */
export function haystackOf(row) {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = textsOf(Object.values(row)).toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

/**
 * @param {readonly unknown[]} values
 * @returns {string} the texts among them, each on a line
 */
function textsOf(values) {
  let text = '';
  for (const value of values) {
    if (typeof value === 'string') text += `${value}\n`;
    else if (Array.isArray(value)) text += textsOf(value);
  }
  return text;
}

/**
 * A test for rows that have all words of the question, anywhere.
 *
 * @param {string} question
 * @returns {(row: object, more?: string) => boolean} `more`: further text to look into, in small letters
 */
export function searcher(question) {
  const parts = question.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return () => true;
  return (row, more = '') => {
    const text = haystackOf(row);
    return parts.every((part) => text.includes(part) || more.includes(part));
  };
}

/**
 * @typedef {{ key: string, isDown: boolean }} Order
 */

/**
 * `-age` is age, downwards.
 *
 * @param {string} text
 * @param {Order} otherwise
 * @returns {Order}
 */
export function parseOrder(text, otherwise) {
  if (text === '' || text === '-') return otherwise;
  return text.startsWith('-') ? { key: text.slice(1), isDown: true } : { key: text, isDown: false };
}

/** @param {Order} order */
export function orderText({ key, isDown }) {
  return isDown ? `-${key}` : key;
}

/**
 * A sorted copy. What has no value comes last in both directions; equal ones are in the order of ids, so
 * that rows do not jump.
 *
 * @template {{ readonly id: string }} T
 * @param {readonly T[]} rows
 * @param {(row: T) => string | number | null | undefined} valueOf
 * @param {boolean} isDown
 * @returns {T[]}
 */
export function sortRows(rows, valueOf, isDown) {
  const keyed = rows.map((row) => ({ row, value: valueOf(row) ?? null }));
  const sign = isDown ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else if (a.value !== b.value) return a.value < b.value ? -sign : sign;
    return a.row.id < b.row.id ? -1 : 1;
  });
  return keyed.map(({ row }) => row);
}

/**
 * How many rows have each value, most first.
 *
 * @template T
 * @param {Iterable<T>} rows
 * @param {(row: T) => string | readonly string[] | null | undefined} valueOf
 * @returns {[value: string, count: number][]}
 */
export function countBy(rows, valueOf) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) {
    const value = valueOf(row) ?? [];
    for (const one of typeof value === 'string' ? [value] : value)
      counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
