import { baseServer, oneRequest } from './base-server';
import { cpythonTests } from './cpython-tests';
import { edgeCases } from './edge-cases';
import { forkingMixIn } from './forking-mix-in';
import { handlers } from './handlers';
import type { Section } from './requirement';
import { handleRequest, serveForever } from './serving';
import { tcpServer } from './tcp-server';
import { threadingMixIn } from './threading-mix-in';
import { udpServer } from './udp-server';
import { unixServers } from './unix-servers';

/** Everything that is required, in the order of the page. */
export const sections: readonly Section[] = [
  cpythonTests,
  baseServer,
  serveForever,
  handleRequest,
  oneRequest,
  tcpServer,
  udpServer,
  unixServers,
  threadingMixIn,
  forkingMixIn,
  handlers,
  edgeCases,
];
