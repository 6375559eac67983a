import { once } from 'node:events';
import * as net from 'node:net';

import { Peer, descriptors, expectNoLeaks } from '@socketserver/testing';

import { type Address, AddressInUseError, HandlerError, OptionError, serverClass, shared, strategies } from '../src';
import { Echo } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe.each(strategies)('listen(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('gives a server that is bound, with its real port', async () => {
    await using server = await Server.listen(anywhere, Echo);
    expect(server.serverAddress).toEqual(['127.0.0.1', expect.any(Number)]);
    expect(server.serverAddress[1]).toBeGreaterThan(0);
    expect(server.serverAddress).toEqual(server.socket.getsockname());
    expect(server.RequestHandlerClass).toBe(Echo);
  });

  it('is serverBind() and serverActivate(), which one can call oneself', async () => {
    await using server = new Server(anywhere, Echo);
    expect(server.fileno()).toBe(-1);
    await server.serverBind();
    await server.serverActivate();
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    peer.end();
    await server.handleRequest();
    expect(await peer.readAll()).toBe('hello\n');
  });

  it('calls the serverBind() and the serverActivate() of a derived class', async () => {
    const calls: string[] = [];
    class Named extends Server {
      serverPort = 0;
      override async serverBind() {
        await super.serverBind();
        this.serverPort = Number(this.serverAddress[1]);
        calls.push('serverBind');
      }
      override async serverActivate() {
        await super.serverActivate();
        calls.push('serverActivate');
      }
    }
    await using server = await Named.listen(anywhere, Echo);
    expect(calls).toEqual(['serverBind', 'serverActivate']);
    expect(server.serverPort).toBe(server.serverAddress[1]);
  });

  it('names the address when the port is taken', async () => {
    const squatter = net.createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as net.AddressInfo;
    const listening = Server.listen(['127.0.0.1', port], Echo);
    await expect(listening).rejects.toThrow(AddressInUseError);
    await expect(listening).rejects.toThrow(`127.0.0.1:${port}`);
    squatter.close();
  });

  it('closes what it opened when serverActivate() throws, by way of serverClose()', async () => {
    const closed: number[] = [];
    class Failing extends Server {
      override serverActivate(): never {
        throw new RangeError('serverActivate');
      }
      override async serverClose() {
        closed.push(this.fileno());
        await super.serverClose();
        closed.push(this.fileno());
      }
    }
    await expect(Failing.listen(anywhere, Echo)).rejects.toThrow(RangeError);
    expect(closed).toEqual([expect.any(Number), -1]);
    expect(closed[0]).toBeGreaterThan(0);
  });

  it('closes what it opened when a shared service cannot be made', async () => {
    const token = Symbol('broken');
    class Broken {
      constructor() {
        throw new RangeError('no database');
      }
    }
    const listening = Server.listen(anywhere, Echo, { shared: [shared(token, Broken)] });
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(/Symbol\(broken\) cannot be made: no database/);
  });
});

describe('listen()', () => {
  it('leaks no descriptor in 1024 binds that fail', async () => {
    const squatter = net.createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as net.AddressInfo;
    const before = descriptors().length;
    for (let count = 0; count < 512; count += 1) {
      await expect(serverClass('sequential').listen(['127.0.0.1', -1], Echo)).rejects.toThrow(OptionError);
      await expect(serverClass('async').listen(['127.0.0.1', port], Echo)).rejects.toThrow(AddressInUseError);
    }
    expect(descriptors()).toHaveLength(before);
    squatter.close();
  });
});
