/**
 * Older spellings of options, put right. Each takes the record and gives a new one; the order of keys
 * matters, because the later of two spellings is taken.
 *
 * Facts: openstacksdk 4.22, OpenStackConfig.magic_fixes.
 */
import { asText, isPlain, isTrue, omit, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

/** Any `..._timeout` of a service is the timeout of all. */
export function fixTimeouts(config: Plain): Plain {
  const fixed: Plain = {};
  let ofService: unknown;
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith('timeout') || key === 'timeout' || key === 'api_timeout') fixed[key] = value;
    else ofService = value;
  }
  return ofService === undefined || ofService === null
    ? fixed
    : { ...fixed, api_timeout: ofService };
}

/** `auth_plugin` counts only where `auth_type` is missing, which has a default. */
export function fixAuthType(config: Plain): Plain {
  const { auth_plugin: plugin, auth_type: type = plugin, ...rest } = config;
  return { ...rest, auth_type: type ?? null };
}

/** Of the spellings of an option, at the top or within `auth`, the last is taken; the top stands over. */
const SPELLINGS: readonly (readonly [to: string, ...from: string[]])[] = [
  ['domain_id', 'domain_id', 'domain-id'],
  ['domain_name', 'domain_name', 'domain-name'],
  ['user_domain_id', 'user_domain_id', 'user-domain-id'],
  ['user_domain_name', 'user_domain_name', 'user-domain-name'],
  ['project_domain_id', 'project_domain_id', 'project-domain-id'],
  ['project_domain_name', 'project_domain_name', 'project-domain-name'],
  ['token', 'auth-token', 'auth_token', 'token'],
  ['project_id', 'tenant_id', 'tenant-id', 'project_id', 'project-id'],
  ['project_name', 'tenant_name', 'tenant-name', 'project_name', 'project-name'],
];

/** Moves what belongs to `auth` there. A null is nothing; openstacksdk makes the text `None` of it. */
export function fixAuth(config: Plain): Plain {
  const auth = isPlain(config.auth) ? config.auth : {};
  const spellings = SPELLINGS.flatMap(([, ...from]) => from);
  const fixed = omit(auth, ...spellings);
  for (const [to, ...from] of SPELLINGS) {
    const target = from.flatMap((key) => [asText(auth[key]), asText(config[key])]);
    const last = target.findLast((one) => one !== undefined);
    if (last !== undefined && last !== '') fixed[to] = last;
  }
  return { ...omit(config, ...spellings), auth: fixed };
}

/** `domain_id` and `domain_name` are those of user and project, where there is a project. */
export function fixDomains(config: Plain): Plain {
  const auth: Plain = isPlain(config.auth) ? { ...config.auth } : {};
  if (!('project_id' in auth) && !('project_name' in auth)) return config;
  for (const part of ['id', 'name']) {
    const domain = auth[`domain_${part}`];
    if (domain === undefined) continue;
    for (const owner of ['user', 'project']) auth[`${owner}_domain_${part}`] ??= domain;
  }
  return { ...config, auth: omit(auth, 'domain_id', 'domain_name') };
}

export function fixInterfaces(config: Plain): Plain {
  const fixed: Plain = {};
  for (const [key, value] of Object.entries(config)) {
    const isOld = key.endsWith('endpoint_type');
    fixed[isOld ? key.replaceAll('endpoint_type', 'interface') : key] = value;
  }
  return fixed;
}

export function fixInsecure(config: Plain): Plain {
  return 'insecure' in config ? { ...config, insecure: isTrue(config.insecure) } : config;
}

/**
 * Fills `{region_name}` and the like with other options, in the way of Python's format():
 * `{auth[project_id]}` reaches into a mapping, doubled braces are braces.
 */
export function fill(entry: Entry, option: string, template: string, config: Plain): string {
  return template.replaceAll(
    /\{\{|\}\}|\{([A-Za-z_]\w*)(?:\[(\w+)\])?\}|[{}]/g,
    (found: string, name: string | undefined, inner: string | undefined) => {
      if (found === '{{' || found === '}}') return found.charAt(0);
      const outer = name === undefined ? undefined : config[name];
      const value = inner === undefined ? outer : isPlain(outer) ? outer[inner] : undefined;
      const text = asText(value);
      if (text !== undefined) return text;
      const what = name === undefined ? 'a brace that is not doubled' : found;
      throw wrong(entry, `${option} has ${what}, which stands for no other option`);
    },
  );
}
