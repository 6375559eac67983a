import { core } from './core-tests';
import type { Section } from './requirement';

const needsThreads = 'needs `ThreadingMixIn`';
const needsForks = 'needs `ForkingMixIn`';

export const threadingMixIn: Section = {
  title: '`ThreadingMixIn`',
  intro:
    '`AsyncMixIn` does with tasks what Python does with threads; where it keeps the promise already, its test is named.',
  requirements: [
    {
      id: 'threading.first',
      python: 'it comes first, so that its `process_request` counts',
      open: `${needsThreads}; \`AsyncMixIn(TCPServer)\` cannot be written the other way round`,
      shown: [
        core('async-mix-in', 'AsyncMixIn can be mixed into a server of someone’s own, whose fields and hooks it keeps'),
      ],
    },
    { id: 'threading.daemon', python: '`daemon_threads = False`', open: needsThreads },
    { id: 'threading.block', python: '`block_on_close = True`', open: needsThreads },
    {
      id: 'threading.process',
      python: '`process_request` starts a thread and returns immediately',
      open: needsThreads,
      shown: [core('async-mix-in', 'AsyncMixIn serves clients beside each other')],
    },
    {
      id: 'threading.process.thread',
      python:
        '`process_request_thread`: `finish_request`, after an `Exception` `handle_error`, in any case `shutdown_request`',
      open: needsThreads,
      shown: [
        core('async-mix-in', 'AsyncMixIn has one place that each request passes through from beginning to end'),
        core(
          'order-of-calls',
          'the order of calls: async finishes, then tells handleError(), then ends the request when handle() throws',
        ),
      ],
    },
    {
      id: 'threading.close',
      python: '`server_close` first closes the socket, then waits for all threads, without a limit',
      open: needsThreads,
      shown: [
        core(
          'conformance',
          'as in Python: async a server that closes refuses new clients first, and then waits for its requests',
        ),
      ],
    },
    {
      id: 'threading.close.daemon',
      python: 'with `daemon_threads` or without `block_on_close`, `server_close` returns at once',
      open: needsThreads,
    },
    {
      id: 'threading.servers',
      python: '`ThreadingTCPServer`, `ThreadingUDPServer`, `ThreadingUnixStreamServer`, `ThreadingUnixDatagramServer`',
      open: needsThreads,
    },
  ],
};

export const forkingMixIn: Section = {
  title: '`ForkingMixIn`',
  requirements: [
    {
      id: 'forking.settings',
      python: '`timeout = 300`, `max_children = 40`, `active_children = None`, then a set; `block_on_close = True`',
      open: needsForks,
    },
    {
      id: 'forking.parent',
      python:
        'the parent forks, notes the child and calls `close_request` only: a half-close would end the connection of the child',
      open: needsForks,
    },
    {
      id: 'forking.child',
      python:
        'the child: `finish_request`, after an `Exception` `handle_error`, in any case `shutdown_request`; it exits with 0 or 1',
      open: needsForks,
    },
    {
      id: 'forking.collect',
      python: '`collect_children` is called by `service_actions`, `handle_timeout` and `server_close`',
      open: needsForks,
    },
    { id: 'forking.servers', python: '`ForkingTCPServer`, `ForkingUDPServer`', open: needsForks },
    {
      id: 'forking.servers.unix',
      python: '`ForkingUnixStreamServer`, `ForkingUnixDatagramServer` (since 3.12)',
      open: needsForks,
    },
  ],
};
