import { serverClass, strategies } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import { DatagramPeer, SocketFolder, contract } from '../src';

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const addresses: readonly [name: string, address: Address][] = [
  ['IPv4', ['127.0.0.1', 0]],
  ['IPv6', ['::1', 0]],
];

for (const strategy of strategies) {
  const UDPServer = serverClass(strategy, 'udp');
  const UnixDatagramServer = serverClass(strategy, 'unix-datagram');

  for (const [name, address] of addresses) {
    contract(`${strategy} over UDP, ${name}`, {
      transport: 'udp',
      listen: (handler, options) => UDPServer.listen(address, handler, options),
    });
  }

  contract(`${strategy} over UDP, IPv4 clients of a dual-stack server`, {
    transport: 'udp',
    listen: (handler, options) => UDPServer.listen(['::', 0], handler, { ...options, dualStack: true }),
    connect: ([, port]) => DatagramPeer.connect(['127.0.0.1', Number(port)]),
    except: { 'knows its clients by their addresses': 'a dual-stack server knows them as ::ffff:127.0.0.1' },
  });

  if (DatagramPeer.hasUnix) {
    contract(`${strategy} over Unix datagrams`, {
      transport: 'unix-datagram',
      listen: (handler, options) => UnixDatagramServer.listen(folder.path(), handler, options),
    });
  } else
    it.skip(`${strategy} over Unix datagrams (skipped: the optional package unix-dgram is not installed)`, () =>
      undefined);
}
