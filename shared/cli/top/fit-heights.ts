/**
 * How many lines each pane gets. Each keeps its title as long as there is room; of the rest the focused one
 * takes up to a half, the others take turns. Pure.
 */
export function fitHeights(wants: readonly number[], focus: number, room: number): number[] {
  if (room < wants.length) return fewOf(wants, focus, room);
  const heights = wants.map(() => 1);
  let left = room - wants.length;
  const give = (i: number, most: number): void => {
    const given = Math.max(0, Math.min((wants[i] ?? 0) - (heights[i] ?? 0), most, left));
    heights[i] = (heights[i] ?? 0) + given;
    left -= given;
  };
  give(focus, Math.ceil(left / 2));
  // One line more is of no use: headers without a row.
  const hungry = (i: number): boolean => (heights[i] ?? 0) < (wants[i] ?? 0);
  for (const i of wants.keys()) if (hungry(i) && heights[i] === 1 && left >= 2) give(i, 2);
  for (let before = -1; before !== left;) {
    before = left;
    for (const i of wants.keys()) if ((heights[i] ?? 0) > 1) give(i, 1);
  }
  return heights;
}

/** Not even room for all titles: those around the focused one. */
function fewOf(wants: readonly number[], focus: number, room: number): number[] {
  const first = Math.max(0, Math.min(focus - Math.floor(room / 2), wants.length - room));
  return wants.map((_, i) => (i >= first && i < first + room ? 1 : 0));
}
