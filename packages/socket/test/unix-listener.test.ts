import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { AF_INET, AF_UNIX, AddressInUseError, FileNotFoundError, Socket } from '@socketserver/socket';
import { folder } from './folder';
import { type Way, everyWay, keep, manyTurns, refusal, socketDescriptors, until, ways } from './loopback';

async function listeningAt(path: string, way: Partial<Way> = {}): Promise<Socket> {
  const listener = keep(new Socket(AF_UNIX));
  await listener.bind(path, way);
  await listener.listen();
  return listener;
}

async function connectedTo(path: string): Promise<Socket> {
  const client = keep(new Socket(AF_UNIX));
  await client.connect(path);
  return client;
}

/** A path with the file of a socket that is gone. */
function stalePath(type = 'SOCK_STREAM'): string {
  const path = folder('stale.sock');
  execFileSync('python3', ['-c', `import socket, sys\nsocket.socket(1, socket.${type}).bind(sys.argv[1])`, path]);
  return path;
}

describe.each(ways)(`a listener at a path (${everyWay})`, (way) => {
  it('accepts, and names itself, its clients and nothing else in the folder', async () => {
    const path = folder('x.sock');
    const listener = await listeningAt(path, way);
    expect(listener.getsockname()).toBe(path);
    expect(readdirSync(folder())).toEqual(['x.sock']);
    for (let i = 0; i < 3; i++) {
      const client = await connectedTo(path);
      await client.sendall('hello');
      const [socket, peer] = await listener.accept();
      keep(socket);
      expect(peer).toBe('');
      expect(String(await socket.recv(10))).toBe('hello');
      expect([socket.getpeername(), client.getpeername()]).toEqual(['', path]);
    }
    expect(readdirSync(folder())).toEqual(['x.sock']);
  });

  it('leaves its file when it is closed, as CPython does, and refuses connections', async () => {
    const path = folder('x.sock');
    const listener = await listeningAt(path, way);
    const before = lstatSync(path).ino;
    const waiting = await connectedTo(path);
    listener.close();
    expect(await waiting.recv(1).catch(() => Buffer.alloc(0))).toHaveLength(0);
    expect(readdirSync(folder())).toEqual(['x.sock']);
    expect(lstatSync(path).ino).toBe(before);
    expect(await refusal(connectedTo(path))).toMatchObject({ name: 'ConnectionRefusedError' });
  });

  it('survives that somebody removes its file', async () => {
    const path = folder('x.sock');
    const listener = await listeningAt(path, way);
    rmSync(path);
    writeFileSync(path, 'of somebody else');
    listener.close();
    expect(lstatSync(path).isFile()).toBe(true);
    expect(await refusal(connectedTo(path))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says that a file is there already, and speaks of no port', async () => {
    const path = folder('x.sock');
    const listener = await listeningAt(path, way);
    const error = await refusal(listeningAt(path, way));
    expect(error).toBeInstanceOf(AddressInUseError);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('port');
    expect(existsSync(path)).toBe(true);
    await connectedTo(path);
    keep((await listener.accept())[0]);
  });
});

describe('the gate of a path', () => {
  it('leaves clients in the kernel until accept(), and lets one in for each', async () => {
    const path = folder('x.sock');
    const listener = await listeningAt(path, { acceptGate: true });
    expect(listener.gate.hasGate).toBe(true);
    const base = socketDescriptors();
    const clients = [await connectedTo(path), await connectedTo(path), await connectedTo(path)];
    for (const client of clients) await client.sendall('hello');
    await manyTurns();
    expect(socketDescriptors() - base).toBe(3);
    for (let i = 1; i <= 3; i++) {
      const [socket] = await listener.accept();
      expect(String(await keep(socket).recv(10))).toBe('hello');
      await manyTurns();
      expect(socketDescriptors() - base).toBe(3 + i);
    }
    expect(readdirSync(folder())).toEqual(['x.sock']);
  });
});

describe('a path', () => {
  it('may be abstract on Linux, without a file', async () => {
    if (process.platform !== 'linux') return;
    const path = `\0socketserver-${process.pid}`;
    const listener = await listeningAt(path);
    await connectedTo(path);
    keep((await listener.accept())[0]);
    listener.close();
    await listeningAt(path);
  });

  it.each([
    [107, true],
    [108, false],
    [200, false],
  ])('of %d bytes: %s', async (length, fits) => {
    const path = folder('x'.repeat(length - folder('/').length));
    expect(Buffer.byteLength(path)).toBe(length);
    if (fits) {
      await listeningAt(path);
      await connectedTo(path);
      return;
    }
    for (const attempt of [listeningAt(path), connectedTo(path)]) {
      const error = await refusal(attempt);
      expect(error).toMatchObject({ name: 'UnsupportedError', code: 'ENAMETOOLONG' });
      expect(error.message).toContain('107 bytes');
    }
    expect(readdirSync(folder())).toEqual([]);
  });

  it('must not be empty', async () => {
    expect(await refusal(listeningAt(''))).toMatchObject({ name: 'UnsupportedError', code: 'EINVAL' });
  });

  it('that is not there gives an error that says so', async () => {
    expect(await refusal(connectedTo(folder('none')))).toBeInstanceOf(FileNotFoundError);
    const error = await refusal(listeningAt(folder('none/x.sock')));
    expect(error.message).toContain('folder');
  });

  it('is for AF_UNIX, and a host for the others', async () => {
    const path = folder('x.sock');
    for (const attempt of [new Socket(AF_INET).bind(path), new Socket(AF_INET).connect(path)]) {
      expect((await refusal(attempt)).message).toMatch(/AF_INET socket takes \[host, port\].*AF_UNIX/);
    }
    const unix = new Socket(AF_UNIX);
    for (const attempt of [unix.bind(['127.0.0.1', 0]), unix.connect(['::1', 1])]) {
      expect(await refusal(attempt)).toMatchObject({ code: 'EAFNOSUPPORT', name: 'UnsupportedError' });
    }
  });
});

describe('removeStale', () => {
  it.each(['SOCK_STREAM', 'SOCK_DGRAM'])('removes what a dead server of %s has left', async (type) => {
    const path = stalePath(type);
    expect(await refusal(listeningAt(path))).toBeInstanceOf(AddressInUseError);
    const listener = keep(new Socket(AF_UNIX));
    await listener.bind(path, { removeStale: true });
    await listener.listen();
    await connectedTo(path);
    keep((await listener.accept())[0]);
  });

  it('binds where nothing is', async () => {
    await keep(new Socket(AF_UNIX)).bind(folder('new.sock'), { removeStale: true });
    expect(existsSync(folder('new.sock'))).toBe(true);
  });

  it('takes no path from a server that listens, also one with a full backlog', async () => {
    const path = folder('x.sock');
    const listener = keep(new Socket(AF_UNIX));
    await listener.bind(path, { backlog: 1, acceptGate: true });
    await listener.listen(1);
    for (let i = 0; i < 4; i++) {
      const error = await refusal(keep(new Socket(AF_UNIX)).bind(path, { removeStale: true }));
      expect(error).toBeInstanceOf(AddressInUseError);
      expect(error.message).toContain('in use');
    }
    expect(existsSync(path)).toBe(true);
  });

  it('removes no file that is no socket, and no folder, also behind a link', async () => {
    writeFileSync(folder('file'), 'precious');
    symlinkSync(folder('file'), folder('link'));
    for (const path of [folder('file'), folder('link'), folder()]) {
      const error = await refusal(keep(new Socket(AF_UNIX)).bind(path, { removeStale: true }));
      expect(error).toBeInstanceOf(AddressInUseError);
      expect(error.message).toContain('no socket');
    }
    expect(readdirSync(folder()).sort()).toEqual(['file', 'link']);
  });

  it('takes over the path of a server by plain Node once that has gone', async () => {
    const path = folder('x.sock');
    const first = net.createServer().listen(path);
    await until(() => first.listening);
    const second = keep(new Socket(AF_UNIX));
    expect(await refusal(second.bind(path, { removeStale: true }))).toBeInstanceOf(AddressInUseError);
    await new Promise((resolve) => first.close(resolve));
    await second.bind(path, { removeStale: true });
  });
});
