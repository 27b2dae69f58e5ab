/**
 * Environment variables in the text of a file: `%(NODEPOOL_X)` becomes the value of NODEPOOL_X.
 *
 * Plain replacement before YAML is parsed, in comments, too; one pass for each variable in the order
 * of the environment; unknown names stay as they are. Facts: nodepool/config.py.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  readonly text: string;
  /** The values that were put in: they may be secrets, wherever they end up. */
  readonly values: readonly string[];
}

export function substitute(text: string, environment: Environment): Substituted {
  const values: string[] = [];
  let result = text;
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('NODEPOOL_') || value === undefined) continue;
    const placeholder = `%(${name})`;
    if (!result.includes(placeholder)) continue;
    result = result.replaceAll(placeholder, () => value);
    if (value !== '') values.push(value);
  }
  return { text: result, values };
}
