/** Times, amounts and names as people read them. Pure. */

/**
 * `8 s`, `3 min`, `2 h 05 min`, `4 d 3 h`. What is not yet (clocks differ a little) is `0 s`.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/**
 * In one unit, for columns: `115 s`, `34 min`, `22 h`, `9 d`.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86_400)} d`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}

/**
 * Of the reader's own time zone: `14:03:22`, with the day where it is another one than today.
 *
 * @param {number} seconds
 * @param {number} nowSeconds
 */
export function moment(seconds, nowSeconds) {
  const at = new Date(seconds * 1000);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const isToday = at.toDateString() === new Date(nowSeconds * 1000).toDateString();
  return isToday
    ? time
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

/**
 * `9,876`.
 *
 * @param {number} value
 */
export function count(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * `1 node`, `2,000 nodes`.
 *
 * @param {number} value
 * @param {string} noun
 */
export function countOf(value, noun) {
  return `${count(value)} ${value === 1 ? noun : plural(noun)}`;
}

/** @param {string} noun */
export function plural(noun) {
  return /(?:s|ch)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/**
 * @param {number} value
 */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  const text = unit === 0 || amount >= 100 ? String(Math.round(amount)) : amount.toFixed(1);
  const short = text.replace(/\.0$/, '');
  return `${short} ${units[unit] ?? ''}`;
}

/**
 * Memory is told in MiB and read in GiB.
 *
 * @param {string} resource
 * @param {number} value
 */
export function amount(resource, value) {
  if (resource === 'ram') return bytes(value * 1_048_576);
  return Number.isInteger(value) ? count(value) : value.toFixed(1);
}

/**
 * `max-servers` and so on as they are; the common ones in words.
 *
 * @param {string} resource
 */
export function resourceName(resource) {
  return resource === 'ram' ? 'memory' : resource.replaceAll('_', ' ').replaceAll('-', ' ');
}

/**
 * `creating` of `creating`, `waiting for room` of `waiting-for-room`.
 *
 * @param {string} code
 */
export function words(code) {
  return code.replaceAll('-', ' ').replaceAll('_', ' ');
}

/**
 * What an explanation says is missing of a resource.
 *
 * @param {{ of: string, resource: string, need: number, left: number }} gap
 */
export function gapText({ of, resource, need, left }) {
  /** @type {Readonly<Record<string, string>>} */
  const whose = {
    pool: 'limit of the pool',
    cloud: 'quota of the cloud',
    tenant: 'limit of the tenant',
  };
  const limit = whose[of] ?? of;
  const what = resourceName(resource);
  return left >= 0
    ? `${amount(resource, need - left)} of ${amount(resource, need)} ${what} missing (${limit})`
    : `${amount(resource, need)} ${what} missing, ${amount(resource, -left)} over the limit already (${limit})`;
}

/**
 * Whether a component is Python Nodepool's. Both write the version of their package and nothing else
 * that tells them apart; Python's began to register components with version 4, ours counts below that.
 *
 * @param {string | null} version
 */
export function isPython(version) {
  const major = /^v?(\d+)\./.exec(version ?? '')?.[1];
  return major !== undefined && Number(major) >= 4;
}
