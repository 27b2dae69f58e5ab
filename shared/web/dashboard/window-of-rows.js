/**
 * Which rows of a long list are to be drawn. Pure.
 *
 * @param {{ scrollTop: number, viewHeight: number, rowHeight: number, count: number, margin?: number }} where
 *   in pixels; `margin`: rows that are drawn beyond both ends
 * @returns {{ first: number, end: number }} `end` is not drawn
 */
export function windowOfRows({ scrollTop, viewHeight, rowHeight, count, margin = 8 }) {
  const from = Math.floor(Math.max(0, scrollTop) / rowHeight) - margin;
  const size = Math.ceil(Math.max(0, viewHeight) / rowHeight) + 2 * margin + 1;
  const first = Math.max(0, Math.min(from, count - size));
  return { first, end: Math.min(count, first + size) };
}

/**
 * Where to scroll to so that a row is seen; undefined: it is.
 *
 * @param {{ scrollTop: number, viewHeight: number, rowHeight: number, index: number }} where
 *   `viewHeight`: without what covers the top
 * @returns {number | undefined}
 */
export function scrollToSee({ scrollTop, viewHeight, rowHeight, index }) {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  const most = top + rowHeight - viewHeight;
  return most > scrollTop ? most : undefined;
}
