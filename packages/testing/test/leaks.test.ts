import { spawn } from 'node:child_process';
import * as dgram from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';
import { Worker } from 'node:worker_threads';

import { BaseRequestHandler, TCPServer, systemClock } from '@socketserver/core';

import { LeakCheck, SocketFolder } from '../src';

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

  it('finds a child, and names it', async () => {
    using check = new LeakCheck();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const leaks = await check.leaks();
    child.kill();
    await once(child, 'close');
    expect(leaks).toContain(`1 child (${child.pid}: ${process.execPath} -e process.stdin.resume())`);
    expect(await check.leaks()).toEqual([]);
  });

  it('finds a child that nothing waits for', async () => {
    using check = new LeakCheck();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
    child.unref();
    const leaks = await check.leaks();
    child.ref();
    child.kill();
    await once(child, 'close');
    expect(leaks).toEqual([expect.stringMatching(/^1 child \(\d+: .*setInterval/)]);
    expect(await check.leaks()).toEqual([]);
  });

  it('does not take a program for a child that is not there', async () => {
    using check = new LeakCheck();
    await once(spawn('/nowhere/at/all'), 'error');
    expect(await check.leaks()).toEqual([]);
  });

  it('finds a thread, also one that nothing waits for', async () => {
    using check = new LeakCheck();
    const threads = [1, 2].map(() => new Worker('setInterval(() => {}, 1000)', { eval: true }));
    const names = threads.map(({ threadId }) => `thread ${threadId}`);
    threads[1]?.unref();
    const leaks = await check.leaks();
    threads[1]?.ref();
    await Promise.all(threads.map((thread) => thread.terminate()));
    expect(leaks).toContain(`2 thread (${names.join('; ')})`);
    expect(await check.leaks()).toEqual([]);
  });

  // The descriptors of a process can be seen on Linux only.
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('finds a server whose accept gate is closed, and names its address', async () => {
    using check = new LeakCheck();
    const server = await TCPServer.listen(['127.0.0.1', 0], BaseRequestHandler);
    const [host, port] = server.serverAddress;
    const leaks = await check.leaks();
    await server.serverClose();
    expect(leaks).toContain(`1 socket descriptor (tcp ${host}:${port}, listening)`);
    expect(await check.leaks()).toEqual([]);
  });

  onLinux('finds a Unix socket, and names its path', async () => {
    using folder = new SocketFolder();
    using check = new LeakCheck();
    const path = folder.path();
    const server = net.createServer().listen(path);
    await once(server, 'listening');
    const leaks = await check.leaks();
    server.close();
    expect(leaks).toContain(`1 socket descriptor (unix ${path})`);
    expect(await check.leaks()).toEqual([]);
  });

  onLinux('finds a socket that took the place of one that was there before', async () => {
    const before = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(before, 'listening');
    using check = new LeakCheck();
    before.close();
    const after = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(after, 'listening');
    const { port } = after.address();
    const leaks = await check.leaks();
    after.close();
    expect(leaks).toEqual([`1 socket descriptor (udp 127.0.0.1:${port})`]);
    expect(await check.leaks()).toEqual([]);
  });
});
