/**
 * Python format strings over a request, as options named `dynamic-…` take them:
 * `{request.tenant_name}`, `{request.labels[0]}`, `{request.requestor_data[branch]:.20}`. Pure.
 *
 * Facts: docs.python.org/3/library/string.html, "Format String Syntax"; the names are those of
 * `getSafeAttributes` in nodepool/zk/zookeeper.py. Of format specifications those of texts are known.
 */

/** A text, or why there is none; a template that goes wrong is left out, not a launch. */
export type Formatted =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** `request`: the attributes by their Python names. */
export function formatTemplate(
  template: string,
  request: Readonly<Record<string, unknown>>,
): Formatted {
  try {
    const text = template.replaceAll(
      /\{\{|\}\}|\{([^{}]*)\}|[{}]/g,
      (whole, field: string | undefined) => {
        if (whole === '{{') return '{';
        if (whole === '}}') return '}';
        if (field === undefined) throw new Error(`a single ${whole}`);
        return formatField(field, request);
      },
    );
    return { ok: true, text };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

const FIELD = /^request((?:\.\w+|\[[^\]]+\])+)(?:!([rsa]))?(?::(.*))?$/s;

function formatField(field: string, request: Readonly<Record<string, unknown>>): string {
  const match = FIELD.exec(field);
  if (match === null) throw new Error(`{${field}} is no attribute of the request`);
  const [, path = '', conversion, specification = ''] = match;
  let value: unknown = request;
  for (const [step, name, key] of path.matchAll(/\.(\w+)|\[([^\]]+)\]/g)) {
    value = stepInto(value, name ?? key ?? '');
    if (value === undefined) throw new Error(`{${field}}: there is no ${step}`);
  }
  const text = conversion === 'r' || conversion === 'a' ? repr(value) : str(value);
  return pad(text, specification);
}

function stepInto(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? (value[Number(key)] as unknown) : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** Python's `str`. */
function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/** Python's `repr`, of what JSON can hold. */
function repr(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${repr(key)}: ${repr(one)}`)
      .join(', ')}}`;
  return quoted(typeof value === 'string' ? value : '');
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`);
  return quote + (quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped) + quote;
}

const SPECIFICATION = /^(?:(.)?([<>^]))?(\d+)?(?:\.(\d+))?s?$/su;
/** Longer than any tag of any cloud. */
const MOST_WIDTH = 1024;

function pad(text: string, specification: string): string {
  const match = SPECIFICATION.exec(specification);
  if (match === null) throw new Error(`format specification ${specification} is not known`);
  const [, fill = ' ', align = '<', width = '0', precision] = match;
  const cut =
    precision === undefined ? text : Array.from(text).slice(0, Number(precision)).join('');
  const missing = Math.min(Number(width), MOST_WIDTH) - Array.from(cut).length;
  if (missing <= 0) return cut;
  if (align === '>') return fill.repeat(missing) + cut;
  if (align === '<') return cut + fill.repeat(missing);
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + cut + fill.repeat(missing - left);
}
