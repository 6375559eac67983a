import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import {
  AF_UNIX,
  AddressInUseError,
  BlockingIOError,
  DatagramSocket,
  ManualClock,
  PermissionError,
  Socket,
  TimeoutError,
} from '@socketserver/socket';
import { bound, hasUnixDatagrams } from './datagrams';
import { folder } from './folder';
import { isPending, keep, manyTurns, refusal } from './loopback';

const describeIf = hasUnixDatagrams ? describe : describe.skip;

/** A bound datagram socket of another process that reads only when it is told to, and prints the length of each. */
async function sleeper(): Promise<{ path: string; read: (count: number) => Promise<string[]>; end: () => void }> {
  const path = folder('sleeper.sock');
  const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        print(s.recv(100).decode(), flush=True)
`;
  const child = spawn('python3', ['-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  keep({ close: () => child.kill() });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    path,
    read: async (count) => {
      child.stdin.write(`${count}\n`);
      const read: string[] = [];
      for (let i = 0; i < count; i++) read.push((await lines.next()).value as string);
      return read;
    },
    end: () => child.kill(),
  };
}

/** Sends until the receiver is full; returns how many it took. */
async function fill(socket: DatagramSocket, path: string): Promise<number> {
  const timeout = socket.gettimeout();
  socket.settimeout(0);
  let count = 0;
  for (;;) {
    try {
      await socket.sendto(`${count}`, path);
      count++;
    } catch (error) {
      expect(error).toBeInstanceOf(BlockingIOError);
      socket.settimeout(timeout);
      return count;
    }
  }
}

describeIf('a receiver that does not read', () => {
  it('makes sendto() wait until it does, and gets all in their order', async () => {
    const { path, read } = await sleeper();
    const socket = await bound(AF_UNIX);
    const taken = await fill(socket, path);
    expect(taken).toBeGreaterThan(0);
    expect(socket.writable).toBe(true);
    const waiting = [socket.sendto('late', path), socket.sendto('later', path)];
    await manyTurns();
    expect(await isPending(waiting[0]!)).toBe(true);
    expect(socket.writable).toBe(false);
    const drained = new Promise<void>((resolve) => socket.watch(() => void (socket.writable && resolve())));
    const expected = Array.from({ length: taken }, (_, i) => `${i}`);
    expect(await read(taken + 2)).toEqual([...expected, 'late', 'later']);
    expect(await Promise.all(waiting)).toEqual([4, 5]);
    await drained;
  });

  it('holds up nobody else', async () => {
    const { path } = await sleeper();
    const [socket, other] = [await bound(AF_UNIX), await bound(AF_UNIX)];
    await fill(socket, path);
    const waiting = refusal(socket.sendto('x', path));
    await socket.sendto('hello', other.getsockname());
    expect(String(await other.recv(10))).toBe('hello');
    socket.close();
    expect(await waiting).toMatchObject({ code: 'EBADF' });
  });

  it('is given up after settimeout(), with nothing sent', async () => {
    const { path, read } = await sleeper();
    const clock = new ManualClock();
    const socket = await bound(AF_UNIX, { clock });
    const taken = await fill(socket, path);
    socket.settimeout(1000);
    const waiting = refusal(socket.sendto('never', path));
    await manyTurns();
    clock.advance(1000);
    expect(await waiting).toBeInstanceOf(TimeoutError);
    expect(socket.writable).toBe(true);
    expect(await read(taken)).not.toContain('never');
    await socket.sendto('next', path);
    expect(await read(1)).toEqual(['next']);
    expect(clock.pending).toBe(0);
  });

  it('that dies ends the waiting with an error', async () => {
    const { path, end } = await sleeper();
    const socket = await bound(AF_UNIX);
    await fill(socket, path);
    const waiting = refusal(socket.sendto('x', path));
    end();
    expect(await waiting).toMatchObject({ name: 'ConnectionRefusedError' });
  });

  it('is no reason to keep more than 16 MiB for it', async () => {
    const { path } = await sleeper();
    const socket = await bound(AF_UNIX);
    await fill(socket, path);
    const bytes = Buffer.alloc(60_000);
    const sending = Array.from({ length: 300 }, () => socket.sendto(bytes, path));
    expect(await refusal(sending.at(-1)!)).toMatchObject({ code: 'ENOBUFS' });
    socket.close();
    const all = await Promise.allSettled(sending);
    expect(all.every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describeIf('paths', () => {
  it('stay when the socket is closed, and are taken over with removeStale', async () => {
    const first = await bound(AF_UNIX);
    const path = first.getsockname() as string;
    const second = keep(new DatagramSocket(AF_UNIX));
    const taken = await refusal(second.bind(path, { removeStale: true }));
    expect(taken).toBeInstanceOf(AddressInUseError);
    expect(taken.message).toContain('in use');
    first.close();
    expect(existsSync(path)).toBe(true);
    expect(await refusal(second.bind(path))).toBeInstanceOf(AddressInUseError);
    await second.bind(path, { removeStale: true });
  });

  it('that are files are never removed', async () => {
    writeFileSync(folder('file'), 'precious');
    const error = await refusal(keep(new DatagramSocket(AF_UNIX)).bind(folder('file'), { removeStale: true }));
    expect(error).toBeInstanceOf(AddressInUseError);
    expect(existsSync(folder('file'))).toBe(true);
  });

  it('give errors that say what is wrong with them', async () => {
    const socket = keep(new DatagramSocket(AF_UNIX));
    const long = folder('x'.repeat(110));
    for (const each of [socket.bind(long), socket.sendto('x', long), socket.connect(long)]) {
      expect(await refusal(each)).toMatchObject({ code: 'ENAMETOOLONG' });
    }
    const abstract = '\0abstract';
    expect(await refusal(socket.bind(abstract))).toMatchObject({ name: 'UnsupportedError', code: 'EINVAL' });
    expect(await refusal(socket.sendto('x', abstract))).toMatchObject({ name: 'UnsupportedError', code: 'EINVAL' });
    expect(await refusal(socket.connect(abstract))).toMatchObject({ name: 'UnsupportedError', code: 'EINVAL' });
    expect(await refusal(socket.sendto('x', folder('none')))).toMatchObject({ name: 'FileNotFoundError' });
    expect(await refusal(socket.connect(folder('none')))).toMatchObject({ name: 'FileNotFoundError' });
    writeFileSync(folder('file'), '');
    expect(await refusal(socket.connect(folder('file')))).toMatchObject({ code: 'ECONNREFUSED' });
    const unnamed = keep(new DatagramSocket(AF_UNIX));
    await unnamed.bind('');
    expect(unnamed.getsockname()).toBe('');
  });

  it('of streams are no place for datagrams', async () => {
    const listener = keep(new Socket(AF_UNIX));
    await listener.bind(folder('stream.sock'));
    await listener.listen();
    const socket = keep(new DatagramSocket(AF_UNIX));
    for (const each of [socket.sendto('x', folder('stream.sock')), socket.connect(folder('stream.sock'))]) {
      const error = await refusal(each);
      expect(error).toMatchObject({ code: 'EPROTOTYPE' });
      expect(error.message).toContain('SOCK_STREAM');
    }
  });

  it('that may not be written say so', async () => {
    if (process.getuid?.() !== 0) return; // Needs two users.
    const receiver = await bound(AF_UNIX);
    execFileSync('chmod', ['755', folder(), receiver.getsockname() as string]);
    const socket = keep(new DatagramSocket(AF_UNIX));
    process.seteuid!(65_534);
    const error = await refusal(socket.sendto('x', receiver.getsockname())).finally(() => process.seteuid!(0));
    expect(error).toBeInstanceOf(PermissionError);
  });
});

describeIf('a peer that connects elsewhere with our datagram unread', () => {
  it('does not end this process', async () => {
    // With the package's own connect() the kernel would report ECONNRESET here, and the package aborts.
    const script = `
import socket, sys
a = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a.bind(sys.argv[1] + ".a")
b = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
b.bind(sys.argv[1] + ".b")
a.connect(sys.argv[1])
a.send(b"hello")
sys.stdin.readline()
a.connect(sys.argv[1] + ".b")
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"stranger", sys.argv[1])
b.sendto(b"stranger", sys.argv[1])
a.sendto(b"bye", sys.argv[1])
sys.stdin.readline()
`;
    const socket = await bound(AF_UNIX);
    const path = socket.getsockname() as string;
    const child = spawn('python3', ['-c', script, path], { stdio: ['pipe', 'inherit', 'inherit'] });
    const [, from] = await socket.recvfrom(10);
    await socket.connect(from);
    await socket.send('unread');
    child.stdin.write('\n');
    expect(String(await socket.recv(10))).toBe('bye'); // And the strangers were not heard.
    child.stdin.end('\n');
    await once(child, 'exit');
  });
});

describe('unix-dgram', () => {
  it('cannot be had in a worker thread, and the error says where it can', async () => {
    const script = `
      require('esbuild-register/dist/node').register();
      const { DatagramSocket } = require(${JSON.stringify(require.resolve('../src/index.ts'))});
      const { parentPort } = require('node:worker_threads');
      const { AF_UNIX } = require(${JSON.stringify(require.resolve('../src/constants.ts'))});
      new DatagramSocket(AF_UNIX).bind('/tmp/never.sock').catch((error) => parentPort.postMessage(error.message));
    `;
    const worker = new Worker(script, { eval: true });
    const [message] = (await once(worker, 'message')) as [string];
    expect(message).toMatch(/Unix datagrams.*worker thread.*main thread/);
    await worker.terminate();
  });

  it('is named, with what to do, where it is not installed', async () => {
    const error = await new Promise<unknown>((resolve, reject) => {
      jest.isolateModules(() => {
        jest.doMock('unix-dgram', () => {
          throw new Error('Cannot find module');
        });
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- a fresh copy, which has not loaded it yet
        const fresh = require('@socketserver/socket') as typeof import('@socketserver/socket');
        new fresh.DatagramSocket(AF_UNIX).bind(folder('x.sock')).then(reject, resolve);
      });
    });
    jest.dontMock('unix-dgram');
    expect(error).toMatchObject({ name: 'UnsupportedError', code: 'ERR_UNIX_DGRAM' });
    expect((error as Error).message).toContain('npm install unix-dgram');
  });
});
