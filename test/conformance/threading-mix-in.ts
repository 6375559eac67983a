import { both, core, everywhere, inWorkers, threads } from './core-tests';
import type { Section } from './requirement';

const SETTINGS = threads('beside live CPython has its settings');

export const threadingMixIn: Section = {
  title: '`ThreadingMixIn`',
  intro:
    '`AsyncMixIn` does with tasks what Python does with threads; where it keeps the promise too, its test is named.',
  requirements: [
    {
      id: 'threading.first',
      python: 'it comes first, so that its `process_request` counts',
      here: 'the same; it cannot be written the other way round',
      shown: [
        threads('comes first, so that its processRequest() counts, and keeps the other fields and hooks of a server'),
        core('async-mix-in', 'AsyncMixIn can be mixed into a server of someone’s own, whose fields and hooks it keeps'),
      ],
    },
    { id: 'threading.daemon', python: '`daemon_threads = False`', shown: [SETTINGS] },
    { id: 'threading.block', python: '`block_on_close = True`', shown: [SETTINGS] },
    {
      id: 'threading.process',
      python: '`process_request` starts a thread and returns immediately',
      here: 'it gives the request to a thread and returns immediately',
      departure: 'a thread or a fork for each request',
      shown: [
        threads('processRequest() returns at once, and the next client is served meanwhile, also in the same thread'),
        core('workers', 'ThreadingMixIn runs handlers elsewhere, and shares the connections out'),
        core('async-mix-in', 'AsyncMixIn serves clients beside each other'),
      ],
    },
    {
      id: 'threading.process.thread',
      python:
        '`process_request_thread`: `finish_request`, after an `Exception` `handle_error`, in any case `shutdown_request`',
      here: '`processRequestTask()` calls the same in the same order, in the server’s process',
      departure: '`finish_request`, `handle_error` and `shutdown_request` run in the thread or the fork',
      shown: [
        threads('processRequestTask() is a request from its beginning to its end, with its errors'),
        core('async-mix-in', 'AsyncMixIn has one place that each request passes through from beginning to end'),
        everywhere('calls setup(), handle() and finish() in one place: the server’s own, or a worker'),
      ],
    },
    {
      id: 'threading.error',
      python: 'the exception of a handler is the one that `handle_error` finds',
      departure: '`handle_error` finds the very exception of the handler',
      shown: [
        both('workers', 'gives errors to handleError() in this process, with class, code, fields, cause and stack'),
      ],
    },
    {
      id: 'threading.exit',
      python: '`sys.exit()` in a handler ends its thread, and nobody hears of it',
      departure: '`sys.exit()` in a handler ends its thread or its fork, and nobody hears of it',
      shown: [
        everywhere('passes handleError() by with a FatalError, and ends the request exactly once'),
        both('workers', 'ends only the requests of a worker that dies by exit 3, and replaces it'),
      ],
    },
    {
      id: 'threading.server',
      python: '`self.server` is the server, and all threads share what it has',
      departure: '`self.server` in a handler is the server, with all its fields',
      shown: [
        both('workers', 'tells a handler who its client is, and what its server'),
        both('workers', 'lets all handlers share services of the server, which answer from its own process'),
      ],
    },
    {
      id: 'threading.class',
      python: 'any class serves as `RequestHandlerClass`, also one that is made within a function',
      departure: 'any class handles requests in threads and forks',
      shown: [
        both('workers', 'refuses to listen with a handler that says no file'),
        both('workers', 'refuses to listen with a handler that is not exported'),
      ],
    },
    {
      id: 'threading.close',
      python: '`server_close` first closes the socket, then waits for all threads, without a limit',
      departure: '`shutdown()` does not wait for handlers; `server_close()` waits for ever',
      shown: [
        inWorkers(
          'a server that closes refuses new clients first, and then waits for all its requests',
          'waits as long as `drainTimeout` says, and no longer',
        ),
        core(
          'conformance',
          'as in Python: async a server that closes refuses new clients first, and then waits for its requests',
        ),
      ],
    },
    {
      id: 'threading.close.daemon',
      python: 'with `daemon_threads` or without `block_on_close`, `server_close` returns at once',
      shown: [
        threads('`blockOnClose = false`: serverClose() returns at once, and the handlers go on until they end'),
        threads('`daemonThreads = true` does the same; those that do not end are cut when `drainTimeout` is over'),
      ],
    },
    {
      id: 'threading.close.later',
      python: 'such threads run on: daemons as long as the process, others as long as they like',
      departure: 'threads and forks that `server_close` does not wait for run on',
      shown: [
        threads('`daemonThreads = true` does the same; those that do not end are cut when `drainTimeout` is over'),
      ],
    },
    {
      id: 'threading.servers',
      python: '`ThreadingTCPServer`, `ThreadingUDPServer`, `ThreadingUnixStreamServer`, `ThreadingUnixDatagramServer`',
      shown: [threads('is mixed into four servers')],
    },
    {
      id: 'threading.library',
      python: 'the standard library’s own: `ThreadingHTTPServer`, and the receiver of `logging.config`',
      here: 'their like, for curl, `http.client` and `SocketHandler`',
      shown: [
        core(
          'python-threads-stdlib',
          "an HTTP server with workers (threading) serves 100 small requests, chunks both ways and HEAD to Python's http.client on one connection",
          "a receiver of log records with a loop of its own, and workers (threading) takes the records of Python's SocketHandler, until its flag is set",
        ),
      ],
    },
  ],
};
