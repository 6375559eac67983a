import { baseServer, oneRequest } from './base-server';
import { cpythonTests } from './cpython-tests';
import { edgeCases } from './edge-cases';
import { handlers } from './handlers';
import { forkingMixIn, threadingMixIn } from './mix-ins';
import type { Section } from './requirement';
import { tcpServer, udpServer, unixServers } from './servers';
import { handleRequest, serveForever } from './serving';

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
