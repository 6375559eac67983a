import { core, cpython, cpythonServers, stopping } from './core-tests';
import type { Requirement, Section } from './requirement';

/** One of the twelve servers that CPython puts through the same test. */
function served(server: string): Requirement {
  const test = `test_${server}`;
  return {
    id: test,
    python: server.startsWith('Forking')
      ? `\`${test}\`; \`active_children\` is empty at the end, and a child that is not the server's stays unreaped`
      : `\`${test}\``,
    shown: [cpythonServers(`${test}: three clients get their line back`, `${test}: so does a client in Python`)],
    ...(server.endsWith('UnixDatagramServer') && { needs: 'unix-dgram' }),
  };
}

export const cpythonTests: Section = {
  title: "CPython's own 27 tests",
  intro: `The first twelve are one test: a server at port 0, or at a path of its own, knows its real address; three clients, one after
the other, send a line and get it back; after the shutdown its socket is closed. A program in Python is a client of each as
well.`,
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
      shown: [
        cpython(
          'the end test_close_immediately: a server that never had a request is closed (threading)',
          'the end test_close_immediately: a server that never had a request is closed (forking)',
        ),
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
    ...['threading', 'forking'].flatMap((word): Requirement[] => [
      {
        id: `test_${word}_handled`,
        python: `\`test_${word}_handled\``,
        shown: [cpython(`errors test_${word}_handled: an error of a handler reaches handleError()`)],
      },
      {
        id: `test_${word}_not_handled`,
        python: `\`test_${word}_not_handled\`: SystemExit ends the ${word === 'threading' ? 'thread' : 'child'}, and does not reach \`handle_error\``,
        here: '`FatalError` ends the request, and does not',
        departure: 'SystemExit and KeyboardInterrupt pass `handle_error` by',
        shown: [cpython(`errors test_${word}_not_handled: a fatal one ends its own request only`)],
      },
    ]),
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
      shown: [
        cpython('the rest test_all: every name of Python is there'),
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
      shown: [cpython('the rest test_threads_reaped: ten requests leave no thread and no request behind')],
    },
  ],
};
