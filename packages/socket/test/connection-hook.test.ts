import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type ConnectionHandle,
  emptyHandle,
  handleOfSocket,
  hookConnections,
  listeningDescriptor,
  probeConnectionHook,
  socketOfDescriptor,
  socketOfHandle,
} from '../src/connection-hook';
import { canDuplicate, duplicateDescriptor } from '../src/libc';
import { folder } from './folder';
import { dial, keep, until } from './loopback';

describe('probeConnectionHook', () => {
  it('finds that the hook works on this Node, and tries it once', async () => {
    expect(await probeConnectionHook()).toBe(true);
    expect(probeConnectionHook()).toBe(probeConnectionHook());
  });

  // Where the probe says no, the 'connection' event serves: the same as asking for it.
  it.each(['shared-buffer', 'data-events'])(
    'leaves a working server behind on the other path, too (%s)',
    async (path) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          '--require',
          'esbuild-register',
          '--conditions=@socketserver/source',
          join(__dirname, 'fixtures', 'echo-itself.ts'),
        ],
        { cwd: __dirname, env: { ...process.env, SOCKETSERVER_READ_PATH: path } },
      );
      expect(JSON.parse(stdout)).toEqual({ echoed: 'hello', usesConnectionEvent: path === 'data-events' });
    },
  );
});

describe('hookConnections', () => {
  it("gives bare handles, and no 'connection' event comes", async () => {
    const server = await nodeServer();
    const handles: ConnectionHandle[] = [];
    const event = jest.fn();
    const fail = jest.fn();
    server.on('connection', event);
    hookConnections(server, (handle) => handles.push(handle), fail);
    const client = await dial(addressOfServer(server));
    await until(() => handles.length === 1);
    const peer: { address?: string; port?: number } = {};
    expect(handles[0]!.getpeername!(peer)).toBe(0);
    expect(peer).toMatchObject({ address: '127.0.0.1', port: client.localPort });
    expect([event.mock.calls.length, fail.mock.calls.length]).toEqual([0, 0]);

    const socket = keep(socketOfHandle(handles[0]!));
    client.end('unread');
    socket.end('greeting');
    expect(String((await once(client, 'data'))[0])).toBe('greeting');
  });

  it('passes on that an accept failed', async () => {
    const server = await nodeServer();
    const accept = jest.fn();
    const fail = jest.fn();
    hookConnections(server, accept, fail);
    const { _handle } = server as unknown as { _handle: { onconnection(status: number): void } };
    _handle.onconnection(-24);
    expect(fail).toHaveBeenCalledWith(-24);
    expect(accept).not.toHaveBeenCalled();
  });

  it('leaves a server that does not listen alone', () => {
    const server = net.createServer();
    hookConnections(server, jest.fn(), jest.fn());
    expect(listeningDescriptor(server)).toBe(-1);
  });
});

(canDuplicate() ? describe : describe.skip)('handles for descriptors (where those can be duplicated)', () => {
  it.each([
    ['TCP', false],
    ['a path', true],
  ])('are made without asking the system once one of their kind was seen: %s', async (_name, isPath) => {
    const server = keep(net.createServer());
    server.listen(isPath ? folder('s') : { port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const handles: ConnectionHandle[] = [];
    hookConnections(server, (handle) => handles.push(handle), jest.fn());
    const address = server.address()!;
    for (const isFirst of [true, false]) {
      const options = typeof address === 'string' ? { path: address } : { port: address.port };
      const client = keep(net.connect(options));
      await once(client, 'connect');
      await until(() => handles.length === 1);
      const fd = duplicateDescriptor(handles[0]!.fd!)!;
      handles.pop()!.close();
      const handle = emptyHandle(isPath);
      if (isFirst) expect(handle).toBeNull();
      if (handle !== null) expect(handle.open(fd)).toBe(0);
      const socket = keep(handle === null ? socketOfDescriptor(fd, isPath) : socketOfHandle(handle));
      socket.end('greeting');
      expect(String((await once(client, 'data'))[0])).toBe('greeting');
    }
    expect(handleOfSocket(new net.Socket())).toBeNull();
  });
});

describe('listeningDescriptor', () => {
  (process.platform === 'linux' ? it : it.skip)('is that of the listening socket', async () => {
    const fd = listeningDescriptor(await nodeServer());
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^socket:/);
  });
});

async function nodeServer(): Promise<net.Server> {
  const server = keep(net.createServer());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOfServer(server: net.Server): [string, number] {
  return ['127.0.0.1', (server.address() as net.AddressInfo).port];
}
