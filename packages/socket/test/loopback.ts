/**
 * Connections over the loopback address, for the tests: all that is opened here is closed after each test, and then no
 * socket may be left.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import * as net from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  AF_INET,
  type InetAddress,
  type ListenOptions,
  type ReadPath,
  Socket,
  SocketError,
} from '@socketserver/socket';

export type Way = { readonly readPath: ReadPath; readonly acceptGate: boolean };

/** Every combination of read path and gate: for `describe.each`. */
export const ways: readonly Way[] = [
  { readPath: 'shared-buffer', acceptGate: true },
  { readPath: 'shared-buffer', acceptGate: false },
  { readPath: 'data-events', acceptGate: true },
  { readPath: 'data-events', acceptGate: false },
];
export const everyWay = '$readPath, gate $acceptGate';

export const hasIPv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

const opened = new Set<{ close(): unknown } | { destroy(): unknown }>();
let before = 0;

/** Has something closed after the test. */
export function keep<T extends { close(): unknown } | { destroy(): unknown }>(it: T): T {
  opened.add(it);
  return it;
}

beforeEach(() => {
  before = socketDescriptors();
});

afterEach(async () => {
  for (const each of opened) {
    if (each instanceof Socket) each.abort();
    else if ('destroy' in each) each.destroy();
    else each.close();
  }
  opened.clear();
  await until(() => socketDescriptors() <= before);
});

/** How many descriptors of sockets this process has; 0 where one cannot look. */
export function socketDescriptors(): number {
  return descriptors().filter((target) => target.startsWith('socket:')).length;
}

/** What every open descriptor of this process leads to. */
export function descriptors(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // The descriptor of the directory itself is closed again.
    }
  });
}

/** One turn of the event loop after another, until something that brings no event has happened. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUp = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > giveUp) throw new Error(`waited in vain for ${String(condition)}`);
    await new Promise(setImmediate);
  }
}

/** Connections that it accepts go by `options.clock` as well. */
export async function listening(options: ListenOptions = {}, host = '127.0.0.1'): Promise<Socket> {
  const listener = keep(new Socket(AF_INET, { clock: options.clock }));
  await listener.bind([host, 0], options);
  await listener.listen(options.backlog ?? undefined);
  return listener;
}

export function addressOf(socket: Socket): InetAddress {
  return socket.getsockname() as InetAddress;
}

/** A client of Node's own, connected. Its errors are swallowed: `once(client, 'error')` still sees them. */
export async function dial(
  [host, port]: InetAddress,
  options: Partial<net.TcpNetConnectOpts> = {},
): Promise<net.Socket> {
  const client = keep(net.connect({ host, port, allowHalfOpen: true, noDelay: true, ...options }));
  client.on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

/** An accepted socket of ours and, at its other end, one of Node's. */
export async function accepted(options: ListenOptions = {}): Promise<{ socket: Socket; peer: net.Socket }> {
  const listener = await listening(options);
  const peer = await dial(addressOf(listener));
  const [socket] = await listener.accept();
  listener.close();
  return { socket: keep(socket), peer };
}

/** Both ends ours. */
export async function pair(options: ListenOptions = {}): Promise<[client: Socket, server: Socket]> {
  const listener = await listening(options);
  const client = keep(new Socket(AF_INET, { clock: options.clock }));
  await client.connect(addressOf(listener));
  const [server] = await listener.accept();
  listener.close();
  return [client, keep(server)];
}

/**
 * Sends a byte back and forth over another connection, many times: whoever would read, accept or send too much has had
 * every occasion to when this is over.
 */
export async function manyTurns(): Promise<void> {
  const [a, b] = await pair();
  for (let turn = 0; turn < 100; turn++) {
    await a.sendall('x');
    await b.sendall(await b.recv(1));
    await a.recv(1);
  }
  a.close();
  b.close();
}

/** All that comes until the end. */
export async function receiveAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let chunk = await socket.recv(65_536); chunk.length > 0; chunk = await socket.recv(65_536)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same for a socket of Node's; after each chunk it pauses for a turn of the event loop. */
export async function receiveAllSlowly(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    await new Promise(setImmediate);
  }
  return Buffer.concat(chunks);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes without a pattern, so that any that is lost, doubled or moved shows. */
export function noise(length: number): Buffer {
  return randomBytes(length);
}

/** What a promise was rejected with; it fails when it was not, or with an error that is not of this package. */
export async function refusal(promise: Promise<unknown>): Promise<SocketError> {
  const error: unknown = await promise.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  if (error instanceof SocketError) return error;
  throw new TypeError(`expected a SocketError, got ${String(error)}`, { cause: error });
}

/** For `toThrow()`: an error with these properties. */
export function errorLike(properties: object): Error {
  return expect.objectContaining(properties) as Error;
}

/** Whether a promise is still pending. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  await new Promise(setImmediate);
  return (await Promise.race([promise.catch(() => undefined), Promise.resolve(pending)])) === pending;
}
