import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';

import { Peer, expectNoLeaks, moment } from '@socketserver/testing';

import { AsyncTCPServer, type BaseServer, TCPServer } from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

/** A program that calls `serve()`, as it was built. */
class Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #unread: string[] = [];

  constructor() {
    this.child = spawn(process.execPath, [join(__dirname, 'fixtures', 'serve.js')]);
    this.#lines = createInterface(this.child.stdout).on('line', (line) => this.#unread.push(line));
  }

  async line(): Promise<string> {
    if (this.#unread.length === 0) await once(this.#lines, 'line');
    return this.#unread.shift()!;
  }

  async connect(): Promise<Peer> {
    const peer = await Peer.connect(['127.0.0.1', Number(await this.line())]);
    expect(String(await peer.read(5))).toBe('hello');
    return peer;
  }

  async exit(): Promise<unknown> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose]() {
    this.child.kill('SIGKILL');
    await this.exit();
  }
}

describe('serve()', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains at %s, gives the report, and lets the process end',
    async (signal) => {
      await using program = new Program();
      using peer = await program.connect();
      program.child.kill(signal);
      expect(await program.line()).toBe('draining');
      await peer.send('x');
      expect(await peer.readAll()).toBe('bye');
      expect(JSON.parse(await program.line())).toEqual({ finished: 1, cut: 0, listeners: 0 });
      expect(await program.exit()).toBe(0);
    },
  );

  it('cuts what still runs at another signal', async () => {
    await using program = new Program();
    using peer = await program.connect();
    program.child.kill('SIGTERM');
    expect(await program.line()).toBe('draining');
    program.child.kill('SIGINT');
    await peer.ending();
    expect(JSON.parse(await program.line())).toEqual({ finished: 0, cut: 1, listeners: 0 });
    expect(await program.exit()).toBe(0);
  });

  it('takes another signal at once for a second one', async () => {
    const { Holding, entered } = holding();
    const bound = moment<BaseServer>();
    class Known extends AsyncTCPServer {
      override async serverActivate() {
        await super.serverActivate();
        bound.happen(this);
      }
    }
    const report = Known.serve(['127.0.0.1', 0], Holding);
    using peer = await Peer.connect((await bound).serverAddress);
    await entered;
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGTERM', 'SIGTERM');
    expect(await report).toMatchObject({ finished: 0, cut: [{ clientAddress: peer.address }] });
    await peer.ending();
  });

  it('takes the same signal twice at once for one: under npm a Ctrl-C can come twice', async () => {
    const { Holding, entered, release } = holding();
    const bound = moment<BaseServer>();
    class Known extends AsyncTCPServer {
      override async serverActivate() {
        await super.serverActivate();
        bound.happen(this);
      }
    }
    const report = Known.serve(['127.0.0.1', 0], Holding);
    using peer = await Peer.connect((await bound).serverAddress);
    await entered;
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    release.happen();
    expect(await peer.readAll()).toBe('released');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('gives the report also when a handler or a signal of its options shut it down', async () => {
    const controller = new AbortController();
    const bound = moment<BaseServer>();
    class Known extends TCPServer {
      override async serverActivate() {
        await super.serverActivate();
        bound.happen(this);
      }
    }
    const report = Known.serve(['127.0.0.1', 0], Echo, { signal: controller.signal });
    const server = await bound;
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    await peer.read(6);
    controller.abort();
    expect(await report).toMatchObject({ finished: 1, cut: [] });
    expect(server.fileno()).toBe(-1);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });
});
