/**
 * YAML text to plain values, with the place of each in the text.
 *
 * Values are those of PyYAML's safe loader: its scalars (base/pyyaml-scalar.ts), merge keys, the last of equal
 * keys. Anchors share one value. Never throws; what is wrong comes as findings. Messages hold
 * nothing of the text but key names, because the text may hold secrets.
 */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';

import type { Path } from '../../../schemas/config/kit.ts';
import { printable } from '../problem.ts';
import type { Severity } from '../problem.ts';
import { composeDocument, MAX_DEPTH } from './document.ts';
import { locate } from './locate.ts';
import { resolvePlain, toBoolean, toFloat, toInteger } from '../../base/pyyaml-scalar.ts';
import type { ScalarValue } from '../../base/pyyaml-scalar.ts';
import { explainSyntax } from './syntax.ts';

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface Finding extends Place {
  readonly severity: Severity;
  readonly path: Path;
  readonly message: string;
}

export interface ParsedYaml {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** The place of a value, or of its key; of the nearest thing around it if it does not exist. */
  place(path: Path, part: 'key' | 'value'): Place;
}

/** Values after anchors are expanded; 2 MB of YAML hold about 300,000. */
const MAX_VALUES = 5_000_000;

export function parseYaml(text: string): ParsedYaml {
  const composed = composeDocument(text);
  if (composed.kind === 'refused') {
    const { line, message } = composed;
    return failed({ severity: 'error', path: [], message, line, column: 1 });
  }
  const { document, lines } = composed;
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    const findings = document.errors.map((error): Finding => ({
      severity: 'error',
      path: [],
      message: explainSyntax(error.code),
      ...place(error.pos[0]),
    }));
    return { value: undefined, findings, place: () => ({ line: 1, column: 1 }) };
  }
  const reader = new Reader(document, place);
  const value = reader.read(document.contents, []);
  return {
    value,
    findings: reader.findings,
    place: (path, part) => place(locate(document, path, part)),
  };
}

function failed(finding: Finding): ParsedYaml {
  return { value: undefined, findings: [finding], place: () => ({ line: 1, column: 1 }) };
}

interface Read {
  readonly value: unknown;
  /** Values in it, with anchors expanded. */
  readonly size: number;
}

class Reader {
  readonly findings: Finding[] = [];
  readonly #document: Document.Parsed;
  readonly #place: (offset: number) => Place;
  readonly #anchored = new Map<Node, Read | 'open'>();
  #size = 0;

  constructor(document: Document.Parsed, place: (offset: number) => Place) {
    this.#document = document;
    this.#place = place;
  }

  read(node: unknown, path: Path): unknown {
    if (this.#size > MAX_VALUES || path.length > MAX_DEPTH) {
      this.#tooMuch(node, path);
      return null;
    }
    this.#size += 1;
    if (isAlias(node)) return this.#alias(node.resolve(this.#document), node, path);
    if (isScalar(node)) return this.#scalar(node, path);
    if (!isMap(node) && !isSeq(node)) return null;
    if (node.anchor === undefined) return this.#collection(node, path);
    this.#anchored.set(node, 'open');
    const before = this.#size;
    const value = this.#collection(node, path);
    this.#anchored.set(node, { value, size: this.#size - before });
    return value;
  }

  #alias(target: Node | undefined, node: Node, path: Path): unknown {
    const known = target === undefined ? undefined : this.#anchored.get(target);
    if (known === 'open') {
      this.#report('error', node, path, 'refers to itself');
      return null;
    }
    if (known !== undefined) {
      this.#size += known.size;
      return known.value;
    }
    if (isScalar(target)) return this.#scalar(target, path);
    this.#report('error', node, path, 'refers to an anchor that does not stand before it');
    return null;
  }

  #collection(node: Node, path: Path): unknown {
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq)$/.test(node.tag))
      this.#report('error', node, path, 'has a YAML tag that no option understands');
    if (isMap(node)) return this.#map(node, path);
    return isSeq(node) ? node.items.map((item, index) => this.read(item, [...path, index])) : null;
  }

  #map(node: YAMLMap, path: Path): Record<string, unknown> {
    const own: Record<string, unknown> = {};
    const merges: Pair[] = [];
    const places = new Map<string, Node>();
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        merges.push(pair);
        continue;
      }
      const key = this.#key(pair.key, path);
      if (key === undefined) continue;
      this.#noteDuplicate(places, key, pair, path);
      put(own, key, this.read(pair.value, [...path, key]));
    }
    if (merges.length === 0) return own;
    const merged: Record<string, unknown> = {};
    for (const pair of merges) this.#merge(merged, pair, path);
    for (const [key, value] of Object.entries(own)) put(merged, key, value);
    return merged;
  }

  #noteDuplicate(places: Map<string, Node>, key: string, pair: Pair, path: Path): void {
    const node = pair.key as Node;
    const before = places.get(key);
    places.set(key, node);
    if (before === undefined) return;
    const first = this.#place(before.range?.[0] ?? 0);
    const message = `stands twice: this one is taken, the one at line ${first.line}, column ${first.column} is not`;
    this.#report('warning', node, [...path, key], message);
  }

  /** Of several merged mappings the first that has a key gives it. */
  #merge(into: Record<string, unknown>, pair: Pair, path: Path): void {
    const value = this.read(pair.value, [...path, '<<']);
    const sources = Array.isArray(value) ? (value as unknown[]) : [value];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.#report('error', pair.value ?? pair.key, path, 'merges (<<) what is no mapping');
        continue;
      }
      for (const [key, one] of Object.entries(source))
        if (!Object.hasOwn(into, key)) put(into, key, one);
    }
  }

  #key(node: unknown, path: Path): string | undefined {
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    if (target === null) return 'null';
    if (!isScalar(target)) {
      this.#report('error', node, path, 'has a key that is no plain value');
      return undefined;
    }
    const value = this.#scalar(target, path);
    if (typeof value !== 'string')
      this.#report(
        'warning',
        node,
        [...path, String(value)],
        'is a key that YAML takes for no text; quote it',
      );
    return String(value);
  }

  #scalar(node: Node, path: Path): ScalarValue {
    if (!isScalar(node)) return null;
    const source = typeof node.value === 'string' ? node.value : '';
    if (node.tag === undefined)
      return node.type === 'PLAIN' || node.type === undefined ? resolvePlain(source) : source;
    const value = tagged(node.tag, source);
    if (value !== undefined) return value;
    this.#report('error', node, path, 'has a YAML tag that does not fit it');
    return null;
  }

  #tooMuch(node: unknown, path: Path): void {
    const message = path.length > MAX_DEPTH ? 'is nested too deeply' : 'is too large';
    if (this.findings.some((one) => one.message === message)) return;
    this.#report('error', node, path.slice(0, MAX_DEPTH), message);
  }

  #report(severity: Severity, node: unknown, path: Path, message: string): void {
    const range = (node as Node | null | undefined)?.range;
    const shown = path.map((part) => (typeof part === 'string' ? printable(part) : part));
    this.findings.push({ severity, path: shown, message, ...this.#place(range?.[0] ?? 0) });
  }
}

function tagged(tag: string, source: string): ScalarValue | undefined {
  switch (tag.replace('tag:yaml.org,2002:', '')) {
    case '!':
    case 'str':
    case 'timestamp':
      return source;
    case 'int':
      return toInteger(source);
    case 'float':
      return toFloat(source) ?? toInteger(source);
    case 'bool':
      return toBoolean(source);
    case 'null':
      return null;
    default:
      return undefined;
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Also for names that mean something to JavaScript, such as `__proto__`. */
function put(into: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(into, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  else into[key] = value;
}
