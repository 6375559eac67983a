import { conformance, core, datagrams, handler, listening, paths, serving, unixDatagrams } from './core-tests';
import type { Section } from './requirement';

const DEFAULTS = 'TCPServer has Python’s settings as fields, which a subclass can change';

export const tcpServer: Section = {
  title: '`TCPServer`',
  requirements: [
    {
      id: 'tcp.family',
      python: '`address_family = AF_INET` unless a subclass says otherwise',
      departure: '`address_family = AF_INET`',
      shown: [core('strategies', DEFAULTS), serving('binds to IPv6 as well')],
    },
    { id: 'tcp.type', python: '`socket_type = SOCK_STREAM`', shown: [core('strategies', DEFAULTS)] },
    {
      id: 'tcp.queue',
      python: '`request_queue_size = 5`',
      departure: '`request_queue_size = 5`',
      shown: [core('strategies', DEFAULTS)],
    },
    {
      id: 'tcp.reuse-address',
      python: '`allow_reuse_address = False`, SO_REUSEADDR if true',
      departure: '`allow_reuse_address = False`',
      shown: [core('strategies', DEFAULTS)],
    },
    {
      id: 'tcp.reuse-port',
      python: '`allow_reuse_port = False`, SO_REUSEPORT if true (since 3.11)',
      here: 'the same, from Node 23.1 on; before that it is refused with an error',
      shown: [
        core('strategies', DEFAULTS),
        core(
          'conformance',
          'as in Python allowReusePort lets two servers have one port, and says so where Node cannot',
        ),
      ],
    },
    {
      id: 'tcp.init',
      python: 'the constructor makes the socket, binds and activates it',
      departure: '`TCPServer(address, Handler)` binds',
      shown: [listening('gives a server that is bound, with its real port')],
    },
    {
      id: 'tcp.init.later',
      python: '`bind_and_activate=False` leaves `server_bind()` and `server_activate()` to the caller',
      here: 'that is `new`',
      shown: [listening('is serverBind() and serverActivate(), which one can call oneself')],
    },
    {
      id: 'tcp.init.fails',
      python: 'any error of these two calls `server_close()`, also an overridden one, and goes on to the caller',
      shown: [
        listening(
          'closes what it opened when serverActivate() throws, by way of serverClose()',
          'names the address when the port is taken',
        ),
      ],
    },
    {
      id: 'tcp.bind',
      python: '`server_bind` sets `server_address` to `getsockname()`: the real port',
      shown: [listening('gives a server that is bound, with its real port')],
    },
    {
      id: 'tcp.bind.extended',
      python: '`server_bind` and `server_activate` may be extended',
      shown: [listening('calls the serverBind() and the serverActivate() of a derived class')],
    },
    {
      id: 'tcp.activate',
      python: '`server_activate` begins to listen, with `request_queue_size`',
      departure: '`server_bind` binds, `server_activate` listens',
      shown: [listening('is serverBind() and serverActivate(), which one can call oneself')],
    },
    {
      id: 'tcp.get-request',
      python: '`get_request` is `accept()`: the connection and the address it comes from',
      shown: [handler('has its request, the address that it comes from, and its server, from setup() on')],
    },
    {
      id: 'tcp.shutdown-request',
      python: '`shutdown_request` ends the direction to the client, so that it reads everything and then the end',
      shown: [
        handler(
          'sends all of 8 MiB before the connection is closed',
          'serves with the connection left half open by its peer',
        ),
      ],
    },
    {
      id: 'tcp.shutdown-request.fails',
      python: 'it does not mind when that fails, and calls `close_request`',
      shown: [conformance('shutdownRequest() closes a connection that cannot be ended any more')],
    },
    {
      id: 'tcp.close',
      python: '`server_close` closes the socket; twice is no error; then `fileno()` is -1',
      shown: [
        core(
          'shutdown',
          'serverClose(): {strategy} is idempotent; afterwards fileno() is -1 and nothing can be served',
        ),
      ],
    },
    {
      id: 'tcp.close.serve',
      python: 'then `serve_forever` and `handle_request` raise ValueError',
      departure: 'a closed server raises ValueError',
      shown: [
        core(
          'shutdown',
          'serverClose(): {strategy} is idempotent; afterwards fileno() is -1 and nothing can be served',
        ),
      ],
    },
  ],
};

export const udpServer: Section = {
  title: '`UDPServer`',
  requirements: [
    {
      id: 'udp.kind',
      python: 'it is a `TCPServer`, with `SOCK_DGRAM`',
      departure: '`UDPServer` is a kind of `TCPServer`',
      shown: [datagrams('the settings are those of Python')],
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
      shown: [datagrams('the settings are those of Python', 'a datagram is cut at maxPacketSize, silently')],
    },
    {
      id: 'udp.request',
      python: '`get_request` returns `((data, server.socket), client_address)`',
      shown: [datagrams('a request is the packet with the socket of the server')],
    },
    {
      id: 'udp.activate',
      python: '`server_activate` does nothing: there is nothing to listen for',
      here: 'it checks the handler: an override calls `super`',
      departure: '`server_activate`, `server_close` and `close_request` of `BaseServer` do nothing',
      shown: [datagrams('a handler for streams is refused by serverActivate()')],
    },
    {
      id: 'udp.close-request',
      python: '`shutdown_request` calls `close_request`, which leaves the socket open for the next datagram',
      shown: [datagrams('the order of calls is that of a stream, and the socket stays open')],
    },
    {
      id: 'udp.empty',
      python: 'an empty datagram is a request',
      shown: [datagrams('an empty datagram is a request')],
    },
  ],
};

export const unixServers: Section = {
  title: '`UnixStreamServer` and `UnixDatagramServer`',
  requirements: [
    {
      id: 'unix.kind',
      python: '`UnixStreamServer` is a `TCPServer`, but for `address_family`',
      shown: [paths('the server is one for TCP, of another family')],
    },
    {
      id: 'unix.address',
      python: '`server_address` is the path, and `client_address` is `""`',
      shown: [paths('serverAddress is the path, and a client has no address')],
    },
    {
      id: 'unix.unlink',
      python: '`server_close` leaves the path, which then cannot be bound again',
      shown: [paths('the path stays when the server closes, and cannot be bound again')],
    },
    {
      id: 'unix.reuse-address',
      python: '`allow_reuse_address` has no effect on that',
      departure: '`allow_reuse_address` has no effect on a path',
      shown: [paths('allowReuseAddress takes the path of a server that is gone, and no other')],
    },
    {
      id: 'unix.reuse-port',
      python: '`allow_reuse_port` sets SO_REUSEPORT for `AF_INET` and `AF_INET6` only (since 3.14)',
      shown: [paths('allowReusePort means nothing')],
    },
    {
      id: 'unix-datagram.kind',
      python: '`UnixDatagramServer` is a `UDPServer`, but for `address_family`',
      shown: [unixDatagrams('the server is one for UDP, of another family')],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.address',
      python: '`server_address` is the path, and `client_address` is the path that the client is bound to',
      shown: [unixDatagrams('a datagram comes from the path of its sender, and is answered there')],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.unlink',
      python: '`server_close` leaves the path, which then cannot be bound again',
      shown: [unixDatagrams('the path stays when the server closes, and cannot be bound again')],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.unnamed',
      python: 'a client that is bound to nothing has the address `None`, and answering it is an error',
      departure: 'a Unix datagram from a socket without a name has the address `None`',
      shown: [unixDatagrams('a client without a path has no address, and cannot be answered')],
      needs: 'unix-dgram',
    },
  ],
};
