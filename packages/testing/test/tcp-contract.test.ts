import { serverClass, strategies } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import { Peer, contract } from '../src';
import { inEnvironment } from './environment';

const ipv4: Address = ['127.0.0.1', 0];

/** What a listener can be without: the faster of its two ways to read, and its accept gate. */
const variants: { name: string; address: Address; environment: Record<string, string> }[] = [
  { name: 'IPv4', address: ipv4, environment: {} },
  { name: 'IPv6', address: ['::1', 0], environment: {} },
  { name: "reading by 'data' events", address: ipv4, environment: { SOCKETSERVER_READ_PATH: 'data-events' } },
  { name: 'without a gate', address: ipv4, environment: { SOCKETSERVER_ACCEPT_GATE: 'off' } },
];

for (const strategy of strategies) {
  const Server = serverClass(strategy, 'tcp');

  for (const { name, address, environment } of variants) {
    contract(`${strategy} over TCP, ${name}`, {
      transport: 'tcp',
      listen: (handler, options) => inEnvironment(environment, () => Server.listen(address, handler, options)),
    });
  }

  contract(`${strategy} over TCP, IPv4 clients of a dual-stack server`, {
    transport: 'tcp',
    listen: (handler, options) => Server.listen(['::', 0], handler, { ...options, dualStack: true }),
    connect: ([, port]) => Peer.connect(['127.0.0.1', Number(port)]),
    except: { 'knows its clients by their addresses': 'a dual-stack server knows them as ::ffff:127.0.0.1' },
  });
}
