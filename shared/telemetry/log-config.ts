/**
 * Reads a Python logging configuration (`-l FILE`) as far as it makes sense here.
 *
 * Taken: levels by logger name, and of the handlers that the `nodepool` logger (else root) writes
 * to, the first that goes to a stream or a file, with its level and whether its formatter makes
 * JSON. Everything else is named in a warning, never silently dropped: other handler classes,
 * further handlers, format strings, filters. Rotation by the handler is left to logrotate, which
 * the log file follows. `.yaml`, `.yml`, `.json` are dictConfig, any other suffix is fileConfig.
 */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse } from 'yaml';
import { messageOf, NodepoolError } from '../base/errors.ts';
import { parseIniLogConfig } from './log-config-ini.ts';
import type { LogDestination, LogFormat, LogLevel } from './log.ts';

export interface LogConfig {
  readonly format: LogFormat;
  readonly level: LogLevel;
  readonly levels: ReadonlyMap<string, LogLevel | 'off'>;
  readonly destination: LogDestination;
  /** What was not taken over, one sentence each. */
  readonly warnings: readonly string[];
}

/** @throws NodepoolError NP_LOG_CONFIG */
export async function readLogConfig(path: string): Promise<LogConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new NodepoolError('NP_LOG_CONFIG', `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseLogConfig(path, text);
}

/** @throws NodepoolError NP_LOG_CONFIG */
export function parseLogConfig(path: string, text: string): LogConfig {
  let document: unknown;
  try {
    document = ['.yaml', '.yml', '.json'].includes(extname(path))
      ? parse(text)
      : parseIniLogConfig(text);
  } catch (error) {
    throw new NodepoolError('NP_LOG_CONFIG', `${path} cannot be parsed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (!isSection(document))
    throw new NodepoolError('NP_LOG_CONFIG', `${path} holds no logging configuration`);
  return interpret(document);
}

type Section = Readonly<Record<string, unknown>>;

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sectionOf(parent: Section, key: string): Section {
  const value = parent[key];
  return isSection(value) ? value : {};
}

function interpret(document: Section): LogConfig {
  const warnings: string[] = [];
  const loggers = sectionOf(document, 'loggers');
  const root = sectionOf(document, 'root');
  const levels = new Map<string, LogLevel | 'off'>();
  for (const [name, logger] of Object.entries(loggers)) {
    if (!isSection(logger)) continue;
    if (logger.filters !== undefined) warnings.push(`logger ${name}: filters are not supported`);
    const level = levelOf(logger.level, `logger ${name}`, warnings);
    if (level !== undefined) levels.set(name, level);
  }
  const handler = chooseHandler(document, warnings);
  const rootLevel = levelOf(root.level, 'root', warnings) ?? 'warning';
  const floor = handler.level;
  for (const [name, level] of levels) levels.set(name, stricter(level, floor));
  const base = stricter(rootLevel, floor);
  return {
    format: handler.format,
    level: base === 'off' ? 'error' : base,
    levels: base === 'off' ? new Map([['nodepool', 'off'], ...levels]) : levels,
    destination: handler.destination,
    warnings,
  };
}

interface Handler {
  readonly format: LogFormat;
  readonly level: LogLevel | 'off';
  readonly destination: LogDestination;
}

function chooseHandler(document: Section, warnings: string[]): Handler {
  const handlers = sectionOf(document, 'handlers');
  let chosen: Handler | undefined;
  for (const name of handlerNames(document)) {
    const section = sectionOf(handlers, name);
    const destination = destinationOf(section);
    if (destination === undefined) {
      if (!classOf(section).endsWith('NullHandler'))
        warnings.push(`handler ${name}: class ${classOf(section) || 'missing'} is not supported`);
      continue;
    }
    if (chosen !== undefined) {
      warnings.push(`handler ${name}: only one output is supported, this one is not used`);
      continue;
    }
    if (classOf(section).includes('Rotating'))
      warnings.push(`handler ${name}: files are not rotated here, use logrotate`);
    chosen = {
      destination,
      level: levelOf(section.level, `handler ${name}`, warnings) ?? 'debug',
      format: formatOf(document, section, warnings),
    };
  }
  if (chosen === undefined) warnings.push('no usable handler: the log goes to standard output');
  return chosen ?? { destination: 'stdout', level: 'debug', format: 'text' };
}

function handlerNames(document: Section): readonly string[] {
  const own = namesIn(sectionOf(sectionOf(document, 'loggers'), 'nodepool').handlers);
  return own.length > 0 ? own : namesIn(sectionOf(document, 'root').handlers);
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

function classOf(section: Section): string {
  return typeof section.class === 'string' ? section.class : '';
}

function destinationOf(section: Section): LogDestination | undefined {
  if (typeof section.filename === 'string') return { file: section.filename };
  if (!classOf(section).endsWith('StreamHandler')) return undefined;
  // Python's own default for a stream handler is standard error.
  return typeof section.stream === 'string' && section.stream.endsWith('stdout')
    ? 'stdout'
    : 'stderr';
}

/** Formats that give what our text format gives. */
const KNOWN_FORMAT = '%(asctime)s %(levelname)s %(name)s: %(message)s';

function formatOf(document: Section, handler: Section, warnings: string[]): LogFormat {
  if (typeof handler.formatter !== 'string') return 'text';
  const formatter = sectionOf(sectionOf(document, 'formatters'), handler.formatter);
  const factory = [formatter.class, formatter['()']].find((one) => typeof one === 'string');
  if (typeof factory === 'string' && /json/i.test(factory)) return 'json';
  if (typeof formatter.format === 'string' && formatter.format !== KNOWN_FORMAT)
    warnings.push(`formatter ${handler.formatter}: its format string is not followed`);
  return 'text';
}

const NAMES: Readonly<Record<string, LogLevel | 'off'>> = {
  NOTSET: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'off',
  FATAL: 'off',
};

function levelOf(value: unknown, where: string, warnings: string[]): LogLevel | 'off' | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return byNumber(value);
  const level = typeof value === 'string' ? NAMES[value.toUpperCase()] : undefined;
  if (level === undefined) warnings.push(`${where}: the level is not known`);
  return level;
}

function byNumber(value: number): LogLevel | 'off' {
  if (value <= 10) return 'debug';
  if (value <= 20) return 'info';
  if (value <= 30) return 'warning';
  return value <= 40 ? 'error' : 'off';
}

const ORDER: readonly (LogLevel | 'off')[] = ['debug', 'info', 'warning', 'error', 'off'];

function stricter(one: LogLevel | 'off', other: LogLevel | 'off'): LogLevel | 'off' {
  return ORDER.indexOf(one) >= ORDER.indexOf(other) ? one : other;
}
