/**
 * HTTP/1.1 on a stream handler, in the shape of Python's `BaseHTTPRequestHandler`: what a user would write, and no product.
 *
 * ```
 *   handle() ─▶ handleOneRequest() ─▶ parseRequest() ─▶ doGET(), doHEAD(), doPOST()
 *      ▲                │ until closeConnection
 *      └────────────────┘
 * ```
 *
 * Sources: RFC 9112; `Lib/http/server.py`.
 */
import { STATUS_CODES } from 'node:http';

import { type MaybePromise, StreamRequestHandler, TimeoutError } from '@socketserver/core';

/** Bytes of a line, as in Python. */
const MAX_LINE = 65_536;
const MAX_HEADERS = 100;
const MAX_BODY = 4 * 1024 * 1024;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const EMPTY = Buffer.alloc(0);

/** A request that cannot be served. It is answered with `status`, and its connection ends. */
export class HTTPError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export abstract class HTTPHandler extends StreamRequestHandler {
  override wbufsize = -1;
  override disableNagleAlgorithm = true;

  // The request, from its first line on.
  command = '';
  path = '';
  requestVersion = '';
  /** By their names in lower case. */
  headers: ReadonlyMap<string, string> = new Map();
  /** Whether this request is the last one. */
  closeConnection = true;

  /** What has not been read of the body: its bytes, or that it comes in chunks. */
  #unread: number | 'chunked' = 0;
  #head: string[] = [];
  #hasAnswered = false;
  /** Bytes that had come when it began to wait for a request; `null` within one. */
  #waitsSince: number | null = null;

  doGET?(): MaybePromise<void>;
  doHEAD?(): MaybePromise<void>;
  doPOST?(): MaybePromise<void>;

  override async handle() {
    do await this.handleOneRequest();
    while (!this.closeConnection && !this.isDraining);
  }

  async handleOneRequest() {
    this.closeConnection = true;
    this.#hasAnswered = false;
    this.#head = [];
    try {
      if (!(await this.parseRequest())) return;
      await this.#method().call(this);
    } catch (error) {
      this.closeConnection = true;
      // Who says nothing for `timeout` milliseconds is not waited for, and gets no answer either.
      if (error instanceof TimeoutError) return;
      if (!(error instanceof HTTPError)) throw error;
      if (!this.#hasAnswered) await this.sendError(error.status, error.message);
    }
    await this.wfile.flush();
  }

  /** Where one request ends and the next begins, a server that drains may end the connection. */
  override get isBetweenMessages(): boolean {
    return this.#waitsSince === this.connection?.bytesRead && this.connection.receiving;
  }

  // Reading

  /** Reads the head of a request; false when there is none any more. RFC 9112, 2 and 3. */
  async parseRequest(): Promise<boolean> {
    this.#unread = 0;
    this.#waitsSince = this.connection.bytesRead;
    let line = await this.rfile.readline(MAX_LINE + 1);
    this.#waitsSince = null;
    // One empty line is forgiven: old clients send it after a body.
    if (/^\r?\n$/.test(line.toString('latin1'))) line = await this.rfile.readline(MAX_LINE + 1);
    if (line.length === 0) return false;
    const [command = '', path = '', version = '', ...more] = textOf(line, 414).split(' ');
    const [, major, minor] = /^HTTP\/(\d)\.(\d)$/.exec(version) ?? [];
    if (!TOKEN.test(command) || path === '' || major === undefined || more.length > 0) {
      throw new HTTPError(400, 'a request begins with a method, a target and a version');
    }
    if (major !== '1') throw new HTTPError(505, `${version} is not spoken here; try HTTP/1.1`);
    this.command = command;
    this.path = path;
    this.requestVersion = minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1';
    this.headers = await this.#readHeaders();
    const hosts = this.headers.get('host')?.split(',').length;
    if (this.requestVersion === 'HTTP/1.1' && hosts !== 1) throw new HTTPError(400, 'one Host header is needed');
    this.#unread = this.#bodyLength();
    const wishes = (this.headers.get('connection') ?? '').toLowerCase().split(/[\s,]+/);
    this.closeConnection = wishes.includes('close') || (minor === '0' && !wishes.includes('keep-alive'));
    return true;
  }

  /** The body, as a whole. */
  async readBody(): Promise<Buffer> {
    const length = this.#unread;
    if (length === 0) return EMPTY;
    if (this.requestVersion === 'HTTP/1.1' && this.headers.get('expect')?.toLowerCase() === '100-continue') {
      await this.wfile.write('HTTP/1.1 100 Continue\r\n\r\n');
      await this.wfile.flush();
    }
    const body = await (length === 'chunked' ? this.#readChunks() : this.#readExactly(length));
    this.#unread = 0;
    return body;
  }

  /** RFC 9112, 6.3. */
  #bodyLength(): number | 'chunked' {
    const length = this.headers.get('content-length');
    const coding = this.headers.get('transfer-encoding')?.toLowerCase();
    if (coding !== undefined) {
      // Two answers to where a request ends are how requests are smuggled past proxies.
      if (length !== undefined) throw new HTTPError(400, 'Content-Length and Transfer-Encoding exclude each other');
      if (this.requestVersion === 'HTTP/1.0') throw new HTTPError(400, 'HTTP/1.0 has no Transfer-Encoding');
      if (coding !== 'chunked') throw new HTTPError(501, `the coding ${coding} is not known here`);
      return 'chunked';
    }
    if (length === undefined) return 0;
    if (!/^\d+$/.test(length)) throw new HTTPError(400, 'Content-Length is not a number');
    if (Number(length) > MAX_BODY) throw new HTTPError(413, `a body has at most ${MAX_BODY} bytes`);
    return Number(length);
  }

  /** RFC 9112, 5. A folded line and a blank before the colon are refused, as it asks. */
  async #readHeaders(): Promise<Map<string, string>> {
    const headers = new Map<string, string>();
    for (let count = 0; count <= MAX_HEADERS; count += 1) {
      const line = await this.#readLine(431);
      if (line === '') return headers;
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
      if (!TOKEN.test(name)) throw new HTTPError(400, 'a header is a name, a colon and a value');
      const value = line.slice(colon + 1).trim();
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    throw new HTTPError(431, `a request has at most ${MAX_HEADERS} headers`);
  }

  /** RFC 9112, 7.1. Extensions and trailers are read, and have no meaning. */
  async #readChunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const [, digits] = /^([0-9a-f]{1,8})\s*(?:;.*)?$/i.exec(await this.#readLine(400)) ?? [];
      if (digits === undefined) throw new HTTPError(400, 'a chunk begins with its size');
      const size = parseInt(digits, 16);
      if (size === 0) break;
      length += size;
      if (length > MAX_BODY) throw new HTTPError(413, `a body has at most ${MAX_BODY} bytes`);
      chunks.push(await this.#readExactly(size));
      if ((await this.#readLine(400)) !== '') throw new HTTPError(400, 'a chunk is longer than it said');
    }
    await this.#readHeaders();
    return Buffer.concat(chunks, length);
  }

  async #readExactly(size: number): Promise<Buffer> {
    const bytes = await this.rfile.read(size);
    if (bytes.length < size) throw new HTTPError(400, 'the stream ended within the body');
    return bytes;
  }

  async #readLine(tooLong: number): Promise<string> {
    return textOf(await this.rfile.readline(MAX_LINE + 1), tooLong);
  }

  #method(): () => MaybePromise<void> {
    const method: unknown = this[`do${this.command}` as 'doGET'];
    if (typeof method !== 'function') throw new HTTPError(501, `${this.command} is not known here`);
    return method as () => MaybePromise<void>;
  }

  // Answering

  sendResponse(status: number): void {
    this.#head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  }

  sendHeader(name: string, value: string | number): void {
    this.#head.push(`${name}: ${value}`);
  }

  async endHeaders(): Promise<void> {
    // What was not read of a body would be taken for the next request.
    if (this.#unread !== 0 || this.isDraining) this.closeConnection = true;
    if (this.closeConnection) this.sendHeader('Connection', 'close');
    else if (this.requestVersion === 'HTTP/1.0') this.sendHeader('Connection', 'keep-alive');
    this.#hasAnswered = true;
    await this.wfile.write(`${this.#head.join('\r\n')}\r\n\r\n`);
  }

  /** Answers with a whole body; to HEAD with what it would be. */
  async respond(status: number, body: string | Buffer, type = 'text/plain'): Promise<void> {
    this.sendResponse(status);
    this.sendHeader('Content-Type', type);
    this.sendHeader('Content-Length', Buffer.byteLength(body));
    await this.endHeaders();
    if (this.command !== 'HEAD') await this.wfile.write(body);
  }

  /** Answers with a body whose length nobody knows yet: in chunks, or to HTTP/1.0 until the connection ends. */
  async respondInParts(parts: Iterable<string> | AsyncIterable<string>): Promise<void> {
    const isChunked = this.requestVersion === 'HTTP/1.1';
    this.sendResponse(200);
    this.sendHeader('Content-Type', 'text/plain');
    if (isChunked) this.sendHeader('Transfer-Encoding', 'chunked');
    else this.closeConnection = true;
    await this.endHeaders();
    if (this.command === 'HEAD') return;
    for await (const part of parts) {
      const size = Buffer.byteLength(part);
      // An empty chunk would be the last one.
      if (size > 0) await this.wfile.write(isChunked ? `${size.toString(16)}\r\n${part}\r\n` : part);
      await this.wfile.flush();
    }
    if (isChunked) await this.wfile.write('0\r\n\r\n');
  }

  async sendError(status: number, message: string): Promise<void> {
    await this.respond(status, `${message}\n`);
  }
}

/** A line without its end. */
function textOf(line: Buffer, tooLong: number): string {
  if (line.length > MAX_LINE) throw new HTTPError(tooLong, `a line has at most ${MAX_LINE} bytes`);
  if (line.at(-1) !== 0x0a) throw new HTTPError(400, 'the stream ended within a request');
  return line.toString('latin1').replace(/\r?\n$/, '');
}
