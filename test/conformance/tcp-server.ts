import { conformance, core, handler, handlersInWorkers, inWorkers, listening, serving } from './core-tests';
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
      shown: [
        handler('has its request, the address that it comes from, and its server, from setup() on'),
        handlersInWorkers(
          'a handler has its request, its client and its server from setup() on, and Python’s settings',
        ),
      ],
    },
    {
      id: 'tcp.shutdown-request',
      python: '`shutdown_request` ends the direction to the client, so that it reads everything and then the end',
      shown: [
        handler(
          'sends all of 8 MiB before the connection is closed',
          'serves with the connection left half open by its peer',
        ),
        handlersInWorkers('a client that has ended its own direction still gets its answer'),
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
        inWorkers('serverClose() is idempotent; afterwards fileno() is -1 and nothing can be served'),
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
        inWorkers('serverClose() is idempotent; afterwards fileno() is -1 and nothing can be served'),
      ],
    },
  ],
};
