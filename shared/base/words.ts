/**
 * Times and sizes as an operator says them. Pure.
 */

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** The two largest units: `2 h 5 min`. */
export function sayDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0 s';
  let rest = whole;
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, size]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count === 0 ? [] : [`${count} ${unit}`];
    })
    .join(' ');
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** In the largest unit of which there is one, below ten with a digit more: `1.2 GiB`, `30 MiB`. */
export function sayBytes(bytes: number): string {
  let size = Math.max(0, bytes);
  let unit = 0;
  // What would be rounded to 1024 is one of the next.
  while (size >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  const isExact = unit === 0 || size >= 9.95;
  return `${isExact ? Math.round(size) : size.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}
