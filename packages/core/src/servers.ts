/** The servers for TCP, by strategy: one line each. */
import { AsyncMixIn } from './async-mix-in';
import { SelectingMixIn } from './selecting-mix-in';
import { TCPServer } from './tcp-server';

/** TCP, a task for each connection. */
export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
/** TCP, in a select loop. */
export class SelectingTCPServer extends SelectingMixIn(TCPServer) {}
