import { strategyContract } from '../src';

/** Children take their time to start. */
const likeTcp = 'a child takes it the same way as over TCP; npm run matrix asks it too';
const likeThreads = 'a child gets it the same way as a thread; npm run matrix asks it too';

strategyContract('forking', 'tcp');
strategyContract('forking', 'unix', {
  exceptKinds: { 'a BaseRequestHandler': likeTcp, 'a MessageHandler': likeTcp },
});
strategyContract('forking', 'udp', {
  exceptKinds: { 'a BaseRequestHandler': likeThreads, 'a DatagramRequestHandler': likeThreads },
});
strategyContract('forking', 'unix-datagram', {
  exceptKinds: { 'a DatagramRequestHandler': likeThreads, 'a MessageHandler': likeThreads },
});
