import * as core from '../src';
import {
  AsyncTCPServer,
  OptionError,
  SelectingTCPServer,
  type Strategy,
  TCPServer,
  type Transport,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
  serverClass,
  strategies,
  transports,
  workerStrategies,
} from '../src';

describe('serverClass()', () => {
  it('gives the class for a strategy and a transport', () => {
    expect(strategies).toEqual(['sequential', 'async', 'selecting']);
    expect(strategies.map((strategy) => serverClass(strategy, 'tcp'))).toEqual([
      TCPServer,
      AsyncTCPServer,
      SelectingTCPServer,
    ]);
    expect(serverClass('async')).toBe(AsyncTCPServer);
  });

  it('has one for each combination, named as Python names its own', () => {
    const names = {
      tcp: 'TCPServer',
      udp: 'UDPServer',
      unix: 'UnixStreamServer',
      'unix-datagram': 'UnixDatagramServer',
    };
    const prefixes = {
      sequential: '',
      async: 'Async',
      selecting: 'Selecting',
      threading: 'Threading',
      forking: 'Forking',
    };
    expect(transports).toEqual(Object.keys(names));
    for (const transport of transports) {
      for (const strategy of [...strategies, ...workerStrategies]) {
        const Server = serverClass(strategy, transport);
        expect(Server.name).toBe(`${prefixes[strategy]}${names[transport]}`);
        expect(core).toHaveProperty(Server.name, Server);
      }
    }
    expect(serverClass('async', 'unix').prototype).toBeInstanceOf(UnixStreamServer);
    expect(serverClass('selecting', 'unix-datagram').prototype).toBeInstanceOf(UnixDatagramServer);
    expect(UnixDatagramServer.prototype).toBeInstanceOf(UDPServer);
    expect(UnixStreamServer.prototype).toBeInstanceOf(TCPServer);
  });

  it.each(['quantum', '', 'toString', 'constructor', '__proto__'])('refuses the strategy %p', (word) => {
    expect(() => serverClass(word as Strategy)).toThrow(OptionError);
    expect(() => serverClass(word as Strategy)).toThrow(
      /^strategy: expected one of sequential, async, selecting, threading, forking; got /,
    );
  });

  it.each(['carrier pigeon', 'toString'])('refuses the transport %p', (word) => {
    expect(() => serverClass('async', word as Transport)).toThrow(
      /^transport: expected one of tcp, udp, unix, unix-datagram; got /,
    );
  });
});

describe('TCPServer', () => {
  it('has Python’s settings as fields, which a subclass can change', () => {
    const server = new TCPServer(['::1', 0], class {} as never);
    expect(server).toMatchObject({
      addressFamily: 10,
      socketType: 1,
      requestQueueSize: 1024,
      allowReuseAddress: false,
      allowReusePort: false,
      timeout: null,
      concurrent: false,
    });
  });
});
