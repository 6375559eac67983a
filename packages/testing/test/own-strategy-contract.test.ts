import { BaseRequestHandler } from '@socketserver/core';

import { Peer, RunningServer, contract, expectNoLeaks, settled } from '../src';
import { BoundedTCPServer, BoundedUDPServer } from './bounded-mix-in';

contract('a strategy of one’s own over TCP', {
  transport: 'tcp',
  listen: (handler, options) => BoundedTCPServer.listen(['127.0.0.1', 0], handler, options),
});

contract('a strategy of one’s own over UDP', {
  transport: 'udp',
  listen: (handler, options) => BoundedUDPServer.listen(['127.0.0.1', 0], handler, options),
});

describe('BoundedMixIn', () => {
  expectNoLeaks();

  it('runs two requests at a time, and the third when one of them has ended', async () => {
    class Greeter extends BaseRequestHandler {
      override async handle() {
        await this.request.sendall('hello');
        await this.request.recv(1);
      }
    }
    await using running = new RunningServer(await BoundedTCPServer.listen(['127.0.0.1', 0], Greeter));
    const peers: Peer[] = [];
    for (let count = 0; count < 3; count += 1) peers.push(await running.connect());
    const [first, second, third] = peers as [Peer, Peer, Peer];
    expect(String(await first.read(5))).toBe('hello');
    expect(String(await second.read(5))).toBe('hello');
    await settled();
    expect(running.server.activeConnections).toBe(2);
    first.end();
    expect(String(await third.read(5))).toBe('hello');
    for (const peer of peers) peer[Symbol.dispose]();
  });
});

describe('contract()', () => {
  it('refuses an exception for a promise that there is not', () => {
    const terms = {
      transport: 'tcp',
      listen: () => Promise.reject(new Error()),
      except: { sings: 'it is hoarse' },
    } as const;
    expect(() => contract('nothing', terms)).toThrow(/no promise 'sings'/);
  });
});
