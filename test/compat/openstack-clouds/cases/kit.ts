/**
 * Clouds of which openstacksdk and we are asked. `@` in a value is the case's own folder, which is home,
 * working folder and site folder.
 */
export interface Case {
  readonly name: string;
  /** Files by their path within the folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cloud?: string;
  readonly region?: string;
  /** What the web answers. */
  readonly web?: Readonly<Record<string, unknown>>;
  /** Both refuse it, and this is what ours says. */
  readonly refused?: RegExp;
}

export const who = 'username: u, user_domain_name: Default, password: p';
export const what = 'project_name: n, project_domain_name: Default';
export const auth = `auth_url: http://k/v3, ${who}, ${what}`;
/** A cloud `c` with more options. */
export const cloud = (options: string, inAuth = auth): Case['files'] => ({
  'clouds.yaml': `clouds: {c: {auth: {${inAuth}}, ${options}}}`,
});
export const simple = cloud('');
export const v3 = (type: string, inAuth: string): Case['files'] =>
  cloud(`auth_type: ${type}`, `auth_url: http://k/v3, ${inAuth}`);
