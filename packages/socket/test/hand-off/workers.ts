/** Real threads and children that adopt connections, for the tests. All are ended after each test. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  AF_INET,
  AF_UNIX,
  ChildHandOff,
  type Given,
  type HandOff,
  type HandOffWay,
  type ListenOptions,
  Socket,
  ThreadHandOff,
} from '@socketserver/socket';
import { Passage } from '../../src/hand-off/passage';
import { folder } from '../folder';
import { keep, until } from '../loopback';

export type Way = HandOffWay | 'child by duplicate' | 'child by native';
export type Transport = 'TCP' | 'Unix';

/** Every way there is, to threads and to children. */
export const allWays: readonly Way[] = ['duplicate', 'native', 'relay', 'child by duplicate', 'child by native'];

const FIXTURE = join(__dirname, 'fixtures', 'worker.js');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const canPass = hasPassage();
const hasTransfer = major > 26 || (major === 26 && minor >= 6) || (major === 24 && minor >= 21);

/** Why a way cannot be tried here; `null`: it can. */
export function obstacle(way: Way, transport: Transport): string | null {
  if (way === 'child by duplicate') return canPass ? null : 'descriptors are passed on Linux, with koffi';
  if (way !== 'native') return null;
  if (transport === 'Unix') return 'Node transfers TCP only';
  return hasTransfer ? null : 'Node transfers sockets from 24.21 and 26.6 on';
}

/** Whether what came by data events, before it was given away, cannot be taken along. */
export function isTooLate(way: Way): boolean {
  return way === 'child by native' && process.env.SOCKETSERVER_READ_PATH === 'data-events';
}
/** What the title of a test says then. */
export const TOO_LATE = ' (skipped: a child cannot take over what is read by data events)';

let ends: Promise<void>[] = [];

// By then everything that was opened is being closed.
afterEach(async () => {
  await Promise.all(ends);
  ends = [];
});

/** A thread or a child that runs the fixture. */
export class TestWorker {
  readonly heard: unknown[] = [];
  #wake: () => void = () => undefined;
  #end: Promise<void> | null = null;
  readonly #exited: Promise<unknown>;

  static async start(way: Way, slots?: number): Promise<TestWorker> {
    const worker = isChild(way) ? startChild(way, slots) : await startThread(way, slots);
    keep(worker);
    expect(await worker.next()).toBe('ready');
    // The child has to say first that it can use the passage.
    if (worker.handOff instanceof ChildHandOff) {
      const { handOff } = worker;
      await until(() => handOff.way === (way === 'child by native' ? 'native' : 'duplicate'));
    }
    return worker;
  }

  constructor(
    readonly handOff: HandOff,
    readonly it: Worker | ChildProcess,
  ) {
    this.#exited = once(it as ChildProcess, 'exit');
    (it as ChildProcess).on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && '@socketserver/hand-off' in message) return;
      this.heard.push(message);
      this.#wake();
    });
  }

  /** The next thing that it says. */
  async next(): Promise<unknown> {
    while (this.heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.heard.shift();
  }

  give(socket: Socket, task: string, options: object = {}): void {
    const { parcel, transfer } = this.handOff.give(socket);
    this.#post({ task, parcel, ...options }, transfer);
  }

  tell(message: object): void {
    this.#post(message, []);
  }

  /** Nothing happens when it has ended. */
  #post(message: object, transfer: Given['transfer']): void {
    if (this.it instanceof Worker) this.it.postMessage(message, transfer);
    else this.it.send(message, () => undefined);
  }

  /** Kills it, if it lives. */
  close(): Promise<void> {
    if (this.#end === null) ends.push((this.#end = this.#kill()));
    return this.#end;
  }

  async #kill(): Promise<void> {
    if (this.it instanceof Worker) void this.it.terminate();
    else this.it.kill('SIGKILL');
    await this.#exited;
    this.handOff.workerEnded();
  }
}

async function startThread(way: HandOffWay, slots?: number): Promise<TestWorker> {
  const handOff = await ThreadHandOff.open({ way, slots });
  return new TestWorker(handOff, new Worker(FIXTURE, { workerData: handOff.workerData, execArgv: [] }));
}

function startChild(way: Way, slots?: number): TestWorker {
  const child = fork(FIXTURE, { execArgv: [], serialization: 'advanced' });
  const handOff = new ChildHandOff(child, { slots, way: way === 'child by native' ? 'native' : 'duplicate' });
  return new TestWorker(handOff, child);
}

function isChild(way: Way): way is 'child by duplicate' | 'child by native' {
  return way.startsWith('child');
}

function hasPassage(): boolean {
  const ends = Passage.open();
  if (ends === null) return false;
  ends[0].close();
  closeSync(ends[1]);
  return true;
}

let paths = 0;

/** A listener whose connections are to be handed over. */
export async function listeningToGive(transport: Transport, options: ListenOptions = {}): Promise<Socket> {
  const listener = keep(new Socket(transport === 'Unix' ? AF_UNIX : AF_INET));
  await listener.bind(transport === 'Unix' ? folder(`s${++paths}`) : ['127.0.0.1', 0], { handOver: true, ...options });
  await listener.listen();
  return listener;
}

/** A client of Node's own, connected to a listener. Its errors are swallowed. */
export async function dialTo(listener: Socket): Promise<net.Socket> {
  const address = listener.getsockname();
  const options = typeof address === 'string' ? { path: address } : { host: address[0], port: address[1] };
  const client = keep(net.connect({ ...options, allowHalfOpen: true }));
  client.on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

/** An accepted connection that has not read yet, and its peer. */
export async function held(
  transport: Transport = 'TCP',
  options: ListenOptions = {},
): Promise<{ socket: Socket; peer: net.Socket }> {
  const listener = await listeningToGive(transport, options);
  const peer = await dialTo(listener);
  const [socket] = await listener.accept();
  listener.close();
  return { socket: keep(socket), peer };
}

/** All that comes to a client until the end. It can still send then. */
export async function readAll(client: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  // An end that nothing came before is told at once, also when nobody listens yet.
  if (!client.readableEnded) await once(client, 'end');
  return Buffer.concat(chunks);
}

/** Resolves when a client is closed, by whatever. */
export function closed(client: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    if (client.closed) resolve();
    else client.resume().on('close', () => resolve());
  });
}
