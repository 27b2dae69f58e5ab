/**
 * The two shapes of a log line.
 *
 * `text` is the original's: `2026-11-24 17:40:01,123 INFO nodepool.X: [e: ..] [node_request: ..]
 * [node: ..] message key=value`, local time, further lines of one entry with the same head and two
 * blanks (nodepool/logconfig.py). `json` is one object a line with `time` (UTC, ISO 8601), `level`,
 * `name`, `msg`, then the fields under their own names; `error` is an object.
 */
import type { LogFields } from '../base/log.ts';
import { errorOf, safeField, safeText, type SafeError } from './safe-value.ts';

export type LogFormat = 'text' | 'json';
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export interface Entry {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly name: string;
  readonly message: string;
  readonly fields: LogFields;
  /** Whether stacks of errors are shown. */
  readonly withStack: boolean;
}

/** The longest line; fields are bounded one by one, this bounds their sum. */
const MAX_LINE = 65_536;

/** The line with its end. */
export function lineOf(format: LogFormat, entry: Entry): string {
  const line = format === 'json' ? jsonLine(entry) : textLine(entry);
  return `${line.length > MAX_LINE && format === 'text' ? `${line.slice(0, MAX_LINE)}...` : line}\n`;
}

function jsonLine(entry: Entry): string {
  let line = `{"time":"${new Date(entry.timeMs).toISOString()}","level":"${entry.level.toUpperCase()}","name":${JSON.stringify(entry.name)},"msg":${JSON.stringify(safeText(entry.message))}`;
  const head = line.length;
  for (const key in entry.fields) {
    const json = jsonField(key, entry);
    if (json === undefined) continue;
    if (line.length - head + json.length > MAX_LINE) return `${line},"cut":true}`;
    // A field must not take the place of the line's own keys.
    const name = RESERVED.has(key) ? `${key}_` : key;
    line += `,${JSON.stringify(name)}:${json}`;
  }
  return `${line}}`;
}

const RESERVED = new Set(['time', 'level', 'name', 'msg', 'cut']);

function jsonField(key: string, entry: Entry): string | undefined {
  const value = entry.fields[key];
  const isError = key === 'error' || value instanceof Error;
  const safe = isError ? errorOf(value, { stack: entry.withStack }) : safeField(key, value);
  return JSON.stringify(safe);
}

/** Fields that the original writes in front of the message, with its words. */
const CONTEXT: Readonly<Record<string, string>> = {
  event_id: 'e',
  request: 'node_request',
  node: 'node',
};

function textLine(entry: Entry): string {
  const head = `${localTime(entry.timeMs)} ${entry.level.toUpperCase()} ${entry.name}: `;
  let context = '';
  for (const key in CONTEXT) {
    const value = entry.fields[key];
    if (value !== undefined && value !== null)
      context += `[${CONTEXT[key] ?? key}: ${wordOf(key, value)}] `;
  }
  let line = context + safeText(entry.message);
  let more = '';
  for (const key in entry.fields) {
    const value = entry.fields[key];
    if (value === undefined || (key in CONTEXT && value !== null)) continue;
    if (key === 'error' || value instanceof Error) {
      const error = errorOf(value, { stack: entry.withStack });
      if (error.code !== undefined) line += ` code=${error.code}`;
      line += ` ${key}=${quoted(error.message)}`;
      more += errorLines(error);
    } else line += ` ${key}=${wordOf(key, value)}`;
  }
  const whole = head + line + more;
  return whole.includes('\n') ? whole.replaceAll(/\r?\n/g, `\n${head}  `) : whole;
}

function errorLines(error: SafeError): string {
  let lines = '';
  for (const cause of error.causes ?? []) lines += `\ncaused by ${cause}`;
  if (error.hint !== undefined) lines += `\nhint: ${error.hint}`;
  if (error.stack !== undefined) lines += `\n${error.stack}`;
  return lines;
}

function wordOf(key: string, value: unknown): string {
  const safe = safeField(key, value);
  if (typeof safe === 'string') return quoted(safe);
  return JSON.stringify(safe);
}

/** Bare where it reads as one word, else as a JSON string, so that one field stays on its line. */
function quoted(text: string): string {
  return /^[^\s"'=]+$/.test(text) ? text : JSON.stringify(text);
}

let cachedSecond = Number.NaN;
let cachedText = '';

/** `YYYY-MM-DD HH:MM:SS,mmm` in local time; the part that changes once a second is kept. */
function localTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== cachedSecond) {
    const date = new Date(timeMs);
    const two = (number: number): string => String(number).padStart(2, '0');
    cachedText = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    cachedSecond = second;
  }
  return `${cachedText},${String(Math.floor(timeMs) - second * 1000).padStart(3, '0')}`;
}
