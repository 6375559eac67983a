import { ThreadingTCPServer } from '@socketserver/core';

import { contract, strategyContract } from '../src';
import { inEnvironment } from './environment';

const relayed = 'what carries the bytes to the thread is nothing to the handler: see the way that is chosen';
const likeUdp = 'a thread gets it the same way as over UDP; npm run matrix asks it too';

strategyContract('threading', 'tcp');
strategyContract('threading', 'unix');
strategyContract('threading', 'udp');
strategyContract('threading', 'unix-datagram', {
  exceptKinds: { 'a BaseRequestHandler': likeUdp, 'a MessageHandler': likeUdp },
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
