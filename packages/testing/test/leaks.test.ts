import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as net from 'node:net';

import { BaseRequestHandler, TCPServer, systemClock } from '@socketserver/core';

import { LeakCheck } from '../src';

describe('LeakCheck', () => {
  it('finds nothing when nothing is left', async () => {
    using check = new LeakCheck();
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 1));
    systemClock.setTimeout(() => undefined, 100_000).cancel();
    expect(await check.leaks()).toEqual([]);
  });

  it('finds a listening server and both ends of a connection', async () => {
    using check = new LeakCheck();
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [net.Socket];
    expect(await check.leaks()).toEqual(expect.arrayContaining(['1 TCPServerWrap', '2 TCPSocketWrap']));
    client.destroy();
    accepted.destroy();
    server.close();
    expect(await check.leaks()).toEqual([]);
  });

  it('finds a timer', async () => {
    using check = new LeakCheck();
    const timer = systemClock.setTimeout(() => undefined, 100_000);
    expect(await check.leaks()).toEqual(['1 timer']);
    timer.cancel();
    expect(await check.leaks()).toEqual([]);
  });

  it('finds a child', async () => {
    using check = new LeakCheck();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    expect(await check.leaks()).toContain('1 ProcessWrap');
    child.kill();
    await once(child, 'close');
    expect(await check.leaks()).toEqual([]);
  });

  // The descriptors of a process can be seen on Linux only.
  (process.platform === 'linux' ? it : it.skip)('finds a server whose accept gate is closed', async () => {
    using check = new LeakCheck();
    const server = await TCPServer.listen(['127.0.0.1', 0], BaseRequestHandler);
    expect(await check.leaks()).not.toEqual([]);
    await server.serverClose();
    expect(await check.leaks()).toEqual([]);
  });
});
