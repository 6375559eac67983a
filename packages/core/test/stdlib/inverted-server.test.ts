import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { RecordedEvents, expectNoLeaks } from '@socketserver/testing';

import { type Address, Socket, SocketError, StreamRequestHandler, serverClass, strategies } from '@socketserver/core';

expectNoLeaks();

const functions: Partial<Record<string, (...params: never[]) => unknown>> = {
  upper: (text: string) => text.toUpperCase(),
  sum: (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0),
};

const MAX_MESSAGE = 1024 * 1024;

/** Answers one call after the other: `[number, method, params]` with `[number, result]`. */
class Calls extends StreamRequestHandler {
  override async handle() {
    for (;;) {
      const head = await this.rfile.read(4);
      const length = head.length === 4 ? head.readInt32LE() : -1;
      if (length < 0 || length > MAX_MESSAGE) return;
      const message = (await this.rfile.read(length)).toString();
      const [number, method, params] = JSON.parse(message) as [number, string, never[]];
      const answer = Buffer.from(JSON.stringify([number, functions[method]?.(...params) ?? 'no such function']));
      const size = Buffer.alloc(4);
      size.writeInt32LE(answer.length);
      await this.wfile.write(Buffer.concat([size, answer]));
    }
  }
}

/** The process that listens, and calls whoever connects. It ends by itself. */
class Caller {
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<[string]>;

  constructor() {
    this.#process = spawn('python3', [join(__dirname, 'rpc_caller.py')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 15_000,
    });
    const lines = createInterface(this.#process.stdout);
    this.#lines = on(lines, 'line', { close: ['close'] }) as AsyncIterator<[string]>;
  }

  /** The next thing that it prints. */
  async next(): Promise<unknown> {
    const { value } = (await this.#lines.next()) as IteratorResult<[string], undefined>;
    return JSON.parse(value?.[0] ?? 'null') as unknown;
  }

  async [Symbol.asyncDispose]() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      const closed = once(this.#process, 'close');
      this.#process.kill();
      await closed;
    }
  }
}

// `Lib/idlelib/rpc.py`, `RPCServer`: the process that serves is the one that connects.
describe.each(strategies)('an inverted server (%s)', (strategy) => {
  class RPCServer extends serverClass(strategy, 'tcp') {
    override async serverBind() {}

    override async serverActivate() {
      this.socket = new Socket(this.addressFamily);
      await this.socket.connect(this.serverAddress);
    }

    override getRequest(): [Socket, Address] {
      return [this.socket, this.serverAddress];
    }
  }

  it('connects to its one client, and serves it', async () => {
    await using caller = new Caller();
    const address: Address = ['127.0.0.1', Number(await caller.next())];
    await using server = await RPCServer.listen(address, Calls);
    using events = new RecordedEvents(server);
    await server.handleRequest();
    expect(await caller.next()).toEqual([
      [1, 'HELLO'],
      [2, 6],
      [3, 'no such function'],
      [4, 200_000],
    ]);
    await events.stopped(1);
    expect(events.starts).toEqual([expect.objectContaining({ clientAddress: address })]);
    expect(events.reasons).toEqual(['peer-closed']);
    expect(server.fileno()).toBe(-1);
  });

  it('leaves nothing open when there is nobody to connect to', async () => {
    await using caller = new Caller();
    const address: Address = ['127.0.0.1', Number(await caller.next())];
    await caller[Symbol.asyncDispose]();
    await expect(RPCServer.listen(address, Calls)).rejects.toThrow(SocketError);
  });
});
