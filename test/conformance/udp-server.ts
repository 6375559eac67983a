import { core, datagrams, datagramsInWorkers } from './core-tests';
import type { Section } from './requirement';

export const udpServer: Section = {
  title: '`UDPServer`',
  requirements: [
    {
      id: 'udp.kind',
      python: 'it is a `TCPServer`, with `SOCK_DGRAM`',
      departure: '`UDPServer` is a kind of `TCPServer`',
      shown: [datagrams('the settings are those of Python'), datagramsInWorkers('the settings are those of Python')],
    },
    {
      id: 'udp.reuse-address',
      python: '`allow_reuse_address = False` and `allow_reuse_port = False`, with effect if true',
      shown: [
        datagrams(
          'the settings are those of Python',
          'allowReuseAddress lets two servers have one port, and nothing else does',
        ),
      ],
    },
    {
      id: 'udp.size',
      python: '`max_packet_size = 8192`; of larger datagrams the rest is lost silently',
      shown: [
        datagrams('the settings are those of Python', 'a datagram is cut at maxPacketSize, silently'),
        datagramsInWorkers('a datagram is cut at maxPacketSize, silently'),
      ],
    },
    {
      id: 'udp.request',
      python: '`get_request` returns `((data, server.socket), client_address)`',
      shown: [datagrams('a request is the packet with the socket of the server')],
    },
    {
      id: 'udp.request.elsewhere',
      python: 'a thread, and a fork, has the socket of the server itself',
      departure: "a thread or a fork answers datagrams by the server's own socket",
      shown: [
        core(
          'workers-datagrams',
          'datagrams: ThreadingMixIn leaves the socket to the server',
          'datagrams: ForkingMixIn leaves the socket to the server',
        ),
      ],
    },
    {
      id: 'udp.activate',
      python: '`server_activate` does nothing: there is nothing to listen for',
      here: 'it checks the handler: an override calls `super`',
      departure: '`server_activate`, `server_close` and `close_request` of `BaseServer` do nothing',
      shown: [
        datagrams('a handler for streams is refused by serverActivate()'),
        datagramsInWorkers('a handler for streams is refused by serverActivate()'),
      ],
    },
    {
      id: 'udp.close-request',
      python: '`shutdown_request` calls `close_request`, which leaves the socket open for the next datagram',
      shown: [
        datagrams('the order of calls is that of a stream, and the socket stays open'),
        datagramsInWorkers('the order of calls is that of a stream, and the socket stays open'),
      ],
    },
    {
      id: 'udp.empty',
      python: 'an empty datagram is a request',
      shown: [datagrams('an empty datagram is a request'), datagramsInWorkers('an empty datagram is a request')],
    },
  ],
};
