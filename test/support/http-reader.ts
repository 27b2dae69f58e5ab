/** Whoever reads an answer over HTTP as it comes. */
import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

import { eventually } from './eventually.ts';

export class HttpReader {
  readonly #response: IncomingMessage;
  readonly #pieces: Buffer[] = [];
  #end: 'whole' | 'torn' | undefined;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.once('end', () => (this.#end ??= 'whole'));
    response.once('error', () => (this.#end = 'torn'));
    response.once('close', () => (this.#end ??= 'torn'));
  }

  /** `isIdle`: takes nothing until it is told to. */
  static async open(url: string, { isIdle = false } = {}): Promise<HttpReader> {
    const request = get(url, { agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const reader = new HttpReader(response);
    if (!isIdle) reader.resume();
    return reader;
  }

  get status(): number | undefined {
    return this.#response.statusCode;
  }

  get headers(): IncomingHttpHeaders {
    return this.#response.headers;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** How the answer has ended; undefined: not yet. */
  get end(): 'whole' | 'torn' | undefined {
    return this.#end;
  }

  resume(): void {
    this.#response.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
    });
  }

  /** Gives pieces to a listener as they come, instead of keeping them. */
  onPiece(listener: (piece: Buffer) => void): void {
    this.#response.on('data', listener);
  }

  leave(): void {
    this.#response.destroy();
  }

  async untilText(part: string): Promise<void> {
    await eventually(() => this.text.includes(part));
  }

  async untilEnd(): Promise<string> {
    await eventually(() => this.#end !== undefined);
    return this.text;
  }
}
