import { core, forks } from './core-tests';
import type { Requirement, Section } from './requirement';

export const forkingMixIn: Section = {
  title: '`ForkingMixIn`',
  intro: 'What is said of errors, of `self.server` and of handlers’ classes under `ThreadingMixIn` is so with forks.',
  requirements: [
    {
      id: 'forking.settings',
      python: '`timeout = 300`, used by `handle_request` only; `max_children = 40`; `block_on_close = True`',
      shown: [
        forks(
          'beside live CPython has its settings; activeChildren is a set from the start',
          'has a timeout of 300 seconds, for handleRequest() alone',
        ),
      ],
    },
    {
      id: 'forking.active',
      python: '`active_children = None`, then a set of the children that run',
      departure: '`active_children` is `None` before the first fork',
      shown: [
        forks('beside live CPython has its settings; activeChildren is a set from the start'),
        core('forking-mix-in', 'ForkingMixIn has no child left when it is closed'),
      ],
    },
    {
      id: 'forking.first',
      python: 'it comes first, so that its `process_request` and its `timeout` count',
      shown: [forks('comes first, so that its processRequest() and its timeout count')],
    },
    {
      id: 'forking.parent',
      python:
        'the parent forks, notes the child and calls `close_request` only: a half-close would end the connection of the child',
      departure: 'the parent of a fork closes its connection at once, and the fork ends it',
      shown: [forks('neither ends nor closes a connection while its child serves it')],
    },
    {
      id: 'forking.child',
      python:
        'the child: `finish_request`, after an `Exception` `handle_error`, in any case `shutdown_request`; it exits with 0 or 1',
      departure: 'a fork serves one request, and exits with 0 or 1',
      shown: [
        forks('gives all requests to the same children, which stay'),
        core(
          'conformance-order',
          'the order of calls of live CPython is ours: forking, but that the parent closes its connection when the child has ended it, and not before',
        ),
      ],
    },
    {
      id: 'forking.copy',
      python: 'the child is a copy of its parent, with all that it has in memory',
      departure: 'a fork is a copy of its parent, and threads share its memory',
      shown: [
        core(
          'workers',
          'ForkingMixIn lets all handlers share services of the server, which answer from its own process',
        ),
      ],
    },
    {
      id: 'forking.most',
      python: 'as long as there are `max_children`, the parent waits for one to end, and does nothing else',
      departure: 'with `max_children` forks the parent waits, and takes nobody',
      shown: [
        core(
          'forking-mix-in',
          'ForkingMixIn starts more children when all are busy, up to maxChildren; who comes then waits',
        ),
      ],
    },
    {
      id: 'forking.collect',
      python: '`collect_children` is called by `service_actions`, `handle_timeout` and `server_close`',
      shown: [
        forks(
          'beside live CPython collects children where it does: in handleTimeout(), serviceActions() and serverClose()',
          'calls collectChildren() in every turn of serveForever()',
        ),
      ],
    },
    {
      id: 'forking.collect.what',
      python: 'it waits for children that have ended, which nobody else does',
      departure: '`collect_children` waits for forks that have ended',
      shown: [forks('collects the children that it has no more use for, and no others')],
    },
    {
      id: 'forking.others',
      python: 'children that are not the server’s are left alone',
      shown: [
        core('forking-mix-in', 'ForkingMixIn leaves other children of the process alone'),
        core('cpython-servers', 'the servers test_ForkingTCPServer: three clients get their line back'),
      ],
    },
    {
      id: 'forking.close',
      python: 'with `block_on_close`, `server_close` waits for all children; without, for none',
      here: 'the same, for `drainTimeout` at most',
      shown: [
        core('forking-mix-in', 'ForkingMixIn has no child left when it is closed'),
        forks('does not wait for children in serverClose() when `blockOnClose` is false'),
      ],
    },
    {
      id: 'forking.signals',
      python: 'Ctrl-C ends the children with their parent; one that is killed leaves them behind',
      departure: 'Ctrl-C reaches the forks too, and they may outlive their parent',
      shown: [core('forking-mix-in', 'ForkingMixIn has children that do not mind Ctrl-C, and drain with their parent')],
    },
    ...[
      '`ForkingTCPServer`, `ForkingUDPServer`',
      '`ForkingUnixStreamServer`, `ForkingUnixDatagramServer` (since 3.12)',
    ].map((python, index): Requirement => ({
      id: `forking.servers.${index}`,
      python,
      shown: [forks('is mixed into four servers')],
    })),
    {
      id: 'forking.library',
      python: 'the standard library’s servers can be mixed with it: `class S(ForkingMixIn, SimpleXMLRPCServer)`',
      here: 'its like, for `xmlrpc.client`',
      shown: [
        core(
          'python-threads-stdlib',
          "an XML-RPC server with workers (forking) is called by Python's xmlrpc.client, and runs its functions in its own process",
          "an HTTP server with workers (forking) serves 100 small requests, chunks both ways and HEAD to Python's http.client on one connection",
        ),
      ],
    },
  ],
};
