import { ForkingTCPServer, ForkingUnixStreamServer } from '@socketserver/core';

import { SocketFolder, contract } from '../src';

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

/** Children take their time to start. */
const likeTcp = 'a child takes it the same way as over TCP, where it is asked with every kind';

contract('forking over TCP', {
  transport: 'tcp',
  runsInWorkers: true,
  listen: (handler, options) => ForkingTCPServer.listen(['127.0.0.1', 0], handler, { workers: 1, ...options }),
});

contract('forking over Unix sockets', {
  transport: 'unix',
  runsInWorkers: true,
  exceptKinds: { 'a BaseRequestHandler': likeTcp, 'a MessageHandler': likeTcp },
  listen: (handler, options) => ForkingUnixStreamServer.listen(folder.path(), handler, { workers: 1, ...options }),
});
