import { core, cpython, stopping } from './core-tests';
import type { Requirement, Section } from './requirement';

const MATRIX = 'three clients get their line back';

/** One of the twelve servers that CPython puts through the same test. */
function served(server: string): Requirement {
  const [, strategy = '', transport = ''] = /^(Threading|Forking|)(.*)$/.exec(server) ?? [];
  const test = `test_${server}`;
  const python = `\`${test}\``;
  const needs = transport === 'UnixDatagramServer' ? { needs: 'unix-dgram' } : {};
  if (strategy === '') {
    const names = [MATRIX, 'so does a client in Python'].map((what) => `the servers ${test}: ${what}`);
    return { id: test, python, shown: [cpython(...names)], ...needs };
  }
  const [instead, here] =
    strategy === 'Threading' ? ['tasks for threads', 'Async'] : ['a select loop for processes', 'Selecting'];
  return {
    id: test,
    python:
      strategy === 'Threading'
        ? python
        : `${python}; \`active_children\` is empty at the end, and a child that is not the server's stays unreaped`,
    open: `needs \`${strategy}MixIn\`; \`${here}${transport}\` passes it`,
    shown: [cpython(`the servers ${test}, with ${instead}: ${MATRIX}`)],
    ...needs,
  };
}

export const cpythonTests: Section = {
  title: "CPython's own 27 tests",
  intro: `The first twelve are one test: a server at port 0, or at a path of its own, knows its real address; three clients, one after
the other, send a line and get it back; after the shutdown its socket is closed. A program in Python is a client of each
transport as well.`,
  requirements: [
    ...[
      'TCPServer',
      'ThreadingTCPServer',
      'ForkingTCPServer',
      'UnixStreamServer',
      'ThreadingUnixStreamServer',
      'ForkingUnixStreamServer',
      'UDPServer',
      'ThreadingUDPServer',
      'ForkingUDPServer',
      'UnixDatagramServer',
      'ThreadingUnixDatagramServer',
      'ForkingUnixDatagramServer',
    ].map(served),
    {
      id: 'test_shutdown',
      python: '`test_shutdown`',
      shown: [
        cpython('the end test_shutdown: 20 servers that are shut down as soon as they serve all end'),
        stopping('ends 20 servers that were started and immediately shut down'),
      ],
    },
    {
      id: 'test_close_immediately',
      python: '`test_close_immediately`',
      open: 'needs `ThreadingMixIn`; `AsyncTCPServer` passes it',
      shown: [
        cpython('the end test_close_immediately, with tasks for threads: a server that never had a request is closed'),
      ],
    },
    {
      id: 'test_tcpserver_bind_leak',
      python: '`test_tcpserver_bind_leak`',
      shown: [
        cpython('the end test_tcpserver_bind_leak: 1024 servers for a port that cannot be leave no descriptor'),
        core('listen', 'listen() leaks no descriptor in 1024 binds that fail'),
      ],
    },
    {
      id: 'test_context_manager',
      python: '`test_context_manager`',
      shown: [cpython('the end test_context_manager: a server is closed at the end of its block')],
    },
    {
      id: 'test_sync_handled',
      python: '`test_sync_handled`',
      shown: [cpython('errors test_sync_handled: an error of a handler reaches handleError()')],
    },
    {
      id: 'test_sync_not_handled',
      python: '`test_sync_not_handled`: SystemExit does not reach `handle_error`',
      here: '`FatalError` does not',
      departure: 'SystemExit and KeyboardInterrupt pass `handle_error` by',
      shown: [cpython('errors test_sync_not_handled: a fatal one does not, and ends handleRequest()')],
    },
    ...['threading', 'forking'].flatMap((word): Requirement[] => {
      const [instead, mixIn, Server] =
        word === 'threading'
          ? ['tasks for threads', 'ThreadingMixIn', 'AsyncTCPServer']
          : ['a select loop for processes', 'ForkingMixIn', 'SelectingTCPServer'];
      const open = `needs \`${mixIn}\`; \`${Server}\` passes it`;
      const handled = `errors test_${word}_handled, with ${instead}: an error of a handler reaches handleError()`;
      const fatal = `errors test_${word}_not_handled, with ${instead}: a fatal one ends its own request only`;
      return [
        { id: `test_${word}_handled`, python: `\`test_${word}_handled\``, open, shown: [cpython(handled)] },
        { id: `test_${word}_not_handled`, python: `\`test_${word}_not_handled\``, open, shown: [cpython(fatal)] },
      ];
    }),
    {
      id: 'test_basics',
      python: '`test_basics`: `wfile` is a file on the descriptor of the request',
      departure: '`rfile` and `wfile` are files',
      shown: [cpython('wfile test_basics: it is a writer on the connection of the request')],
    },
    {
      id: 'test_write',
      python:
        '`test_write`: without `flush`, the whole of a huge block although signals interrupt it, and its length is returned',
      shown: [
        cpython('wfile test_write: sends at once, and all of 16 MiB although signals come meanwhile'),
        core(
          'stream-request-handler',
          'wfile writes at once, without flush, and gives the number of bytes',
          'wfile writes all of a huge block, to a peer that is slow to read',
        ),
      ],
    },
    {
      id: 'test_all',
      python: '`test_all`: exports what is documented',
      open: 'the names of threads and forks; all others are there',
      shown: [
        cpython('the rest test_all: every name of Python is there, but for those of threads and forks'),
        core('index', '@socketserver/core exports these names and no other'),
      ],
    },
    {
      id: 'test_shutdown_request_called_if_verify_request_false',
      python: '`test_shutdown_request_called_if_verify_request_false`',
      shown: [cpython('the rest test_shutdown_request_called_if_verify_request_false: once')],
    },
    {
      id: 'test_threads_reaped',
      python: '`test_threads_reaped`',
      open: 'needs `ThreadingMixIn`; `AsyncTCPServer` passes it',
      shown: [cpython('the rest test_threads_reaped, with tasks for threads: finished requests are forgotten')],
    },
  ],
};
