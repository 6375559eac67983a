import { ThreadingTCPServer, ThreadingUnixStreamServer } from '@socketserver/core';

import { SocketFolder, contract } from '../src';
import { inEnvironment } from './environment';

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const relayed = 'what carries the bytes to the thread is nothing to the handler: see the way that is chosen';

contract('threading over TCP', {
  transport: 'tcp',
  runsInWorkers: true,
  listen: (handler, options) => ThreadingTCPServer.listen(['127.0.0.1', 0], handler, { workers: 1, ...options }),
});

contract('threading over TCP, by the relay', {
  transport: 'tcp',
  runsInWorkers: true,
  exceptKinds: { 'a BaseRequestHandler': relayed, 'a MessageHandler': relayed },
  listen: (handler, options) =>
    inEnvironment({ SOCKETSERVER_HAND_OFF: 'relay' }, () =>
      ThreadingTCPServer.listen(['127.0.0.1', 0], handler, { workers: 1, ...options }),
    ),
});

contract('threading over Unix sockets', {
  transport: 'unix',
  runsInWorkers: true,
  listen: (handler, options) => ThreadingUnixStreamServer.listen(folder.path(), handler, { workers: 1, ...options }),
});
