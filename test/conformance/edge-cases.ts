import {
  conformance,
  core,
  datagrams,
  datagramsInWorkers,
  everywhere,
  forks,
  handlersInWorkers,
  inWorkers,
  listening,
  order,
  paths,
  serving,
  stopping,
  threads,
} from './core-tests';
import type { Section } from './requirement';

export const edgeCases: Section = {
  title: 'Edge cases that are easily missed',
  requirements: [
    {
      id: 'edge.1',
      python: 'a refused request still goes through `shutdown_request`',
      shown: [
        order('ends a request that verifyRequest() refuses, exactly once'),
        everywhere('ends a request that verifyRequest() refuses, exactly once'),
      ],
    },
    {
      id: 'edge.1.raises',
      python: 'a request whose `verify_request` raises does not go through `shutdown_request`',
      departure: 'an error in `verify_request` escapes and leaks the request',
      shown: [
        order(
          'ends a request whose verifyRequest() throws, and leaks nothing',
          'ends a refused request exactly once when verifyRequest() throws a FatalError',
        ),
        everywhere('ends a request whose verifyRequest() throws, and leaks nothing'),
      ],
    },
    {
      id: 'edge.2',
      python:
        'only socket errors of `get_request` are swallowed; any other ends the loop, which still releases `shutdown()`',
      shown: [
        order(
          'goes on after a socket error of getRequest(), and reports it',
          'stops serving at any other error of getRequest(), and releases whoever waits for shutdown()',
        ),
        inWorkers('goes on after a socket error of getRequest(), and ends with any other, which releases shutdown()'),
      ],
    },
    {
      id: 'edge.3',
      python: 'after an error the order is finish → handle_error → shutdown_request',
      shown: [
        order('finishes, then tells handleError(), then ends the request when handle() throws'),
        everywhere('tells handleError() after the handler and before the end of the request when handle() throws'),
      ],
    },
    {
      id: 'edge.4',
      python: 'an error in `setup` skips `handle` and `finish`',
      shown: [
        order('calls neither handle() nor finish() when setup() throws'),
        everywhere('tells handleError() after the handler and before the end of the request when setup() throws'),
      ],
    },
    {
      id: 'edge.5',
      python: 'constructing the handler is handling',
      departure: 'constructing the handler handles the request',
      shown: [core('handler-factory', 'a handler that throws in its constructor fails its request')],
    },
    {
      id: 'edge.6',
      python: 'a fatal error bypasses `handle_error`, and the request is still closed',
      departure: 'SystemExit and KeyboardInterrupt pass `handle_error` by',
      shown: [
        order('passes handleError() by with a FatalError, and ends the request exactly once'),
        everywhere('passes handleError() by with a FatalError, and ends the request exactly once'),
      ],
    },
    {
      id: 'edge.7.recheck',
      python: 'the shutdown is looked for again after waiting',
      shown: [stopping('leaves clients that come later in the backlog, for the next serveForever()')],
    },
    {
      id: 'edge.7.one',
      python: 'one request each time the loop wakes',
      departure: 'the loop handles one request each time it wakes',
      shown: [
        core(
          'conformance',
          'as in Python a sequential server takes one request in a turn, and calls serviceActions() after each',
          'as in Python a concurrent server takes all who wait in one turn',
        ),
      ],
    },
    {
      id: 'edge.7.idle',
      python: '`service_actions` is called also when nobody came',
      shown: [serving('calls serviceActions() at least every pollInterval, and in every turn that serves')],
    },
    {
      id: 'edge.8',
      python: '`shutdown` before `serve_forever` works, and so does serving again after a normal shutdown',
      shown: [
        stopping(
          'is remembered before serving: serveForever() then returns at once, and serves the next time',
          'leaves no stale flag when serving has ended: the next serveForever() serves',
          'gives a server that serves again a signal that is not aborted',
        ),
        inWorkers('serves again after an error has ended serveForever(), and after a normal end'),
        inWorkers('remembers a shutdown() before serving, and leaves no stale flag'),
      ],
    },
    {
      id: 'edge.9',
      python: "the server's `timeout` is not the handler's",
      shown: [
        conformance('the timeout of a server is not that of its handlers'),
        handlersInWorkers('the timeout of a handler is for each operation, and the connection survives it'),
      ],
    },
    {
      id: 'edge.10',
      python: 'a bind that fails closes the socket; `server_address` has the real port after one that does not',
      shown: [
        listening('names the address when the port is taken', 'gives a server that is bound, with its real port'),
        core('listen', 'listen() leaks no descriptor in 1024 binds that fail'),
      ],
    },
    {
      id: 'edge.11.bind',
      python: 'binding and listening are two steps, and both are synchronous',
      departure: '`server_bind` binds, `server_activate` listens',
      shown: [listening('is serverBind() and serverActivate(), which one can call oneself')],
    },
    {
      id: 'edge.11.reuse',
      python: 'SO_REUSEADDR is set if one asks for it',
      departure: '`allow_reuse_address = False`',
      shown: [core('strategies', 'TCPServer has Python’s settings as fields, which a subclass can change')],
    },
    {
      id: 'edge.12.fork',
      python: 'the parent of a fork does not half-close',
      here: 'the same: not before the child has ended the connection',
      shown: [forks('neither ends nor closes a connection while its child serves it')],
    },
    {
      id: 'edge.12.udp',
      python: 'a datagram never closes the shared socket',
      shown: [
        datagrams('the order of calls is that of a stream, and the socket stays open'),
        datagramsInWorkers('the order of calls is that of a stream, and the socket stays open'),
      ],
    },
    {
      id: 'edge.12.late',
      python: 'an answer after `server_close` fails',
      here: 'the same, once the server is closed',
      shown: [
        datagrams('an answer that comes too late fails'),
        datagramsInWorkers('one that does not end in time is cut, and answers no more'),
      ],
    },
    {
      id: 'edge.13',
      python: '`server_close` closes the listener first, and then waits',
      shown: [
        conformance('a server that closes refuses new clients first, and then waits for its requests'),
        inWorkers('a server that closes refuses new clients first, and then waits for all its requests'),
      ],
    },
    {
      id: 'edge.13.udp',
      python: 'it does so for datagrams too: requests that still run cannot answer any more',
      departure: 'closing a `UDPServer` takes the answers of its running requests with it',
      shown: [
        datagrams('requests that run when the server closes can still answer'),
        datagramsInWorkers('requests that run when the server closes can still answer'),
      ],
    },
    {
      id: 'edge.14',
      python: 'a mix-in comes first, and makes its state when it needs it, because it has no constructor',
      shown: [
        core('async-mix-in', 'AsyncMixIn can be mixed into a server of someone’s own, whose fields and hooks it keeps'),
        threads('comes first, so that its processRequest() counts, and keeps the other fields and hooks of a server'),
        forks('comes first, so that its processRequest() and its timeout count'),
      ],
    },
    {
      id: 'edge.15',
      python: 'the path of a Unix server stays when it closes',
      here: 'the same, although Node removes it',
      shown: [
        paths('the path stays when the server closes, and cannot be bound again'),
        handlersInWorkers('a path is the server’s address, its clients have none, and it stays when the server closes'),
      ],
    },
    {
      id: 'edge.16',
      python: '`__exit__` does not stop a loop that runs',
      departure: '`with` only closes the server',
      shown: [core('shutdown', 'serverClose(): {strategy} is what `await using` calls, also in the middle of serving')],
    },
  ],
};
