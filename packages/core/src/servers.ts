/** The servers by transport and strategy: one line each. */
import { AsyncMixIn } from './async-mix-in';
import { ForkingMixIn } from './forking-mix-in';
import { SelectingMixIn } from './selecting-mix-in';
import { TCPServer } from './tcp-server';
import { ThreadingMixIn } from './threading-mix-in';
import { UDPServer } from './udp-server';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers';

/** TCP, a task for each connection. */
export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
/** UDP, a task for each datagram. */
export class AsyncUDPServer extends AsyncMixIn(UDPServer) {}
/** Unix sockets, a task for each connection. */
export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer) {}
/** Unix datagrams, a task for each of them. */
export class AsyncUnixDatagramServer extends AsyncMixIn(UnixDatagramServer) {}

/** TCP, in child processes. */
export class ForkingTCPServer extends ForkingMixIn(TCPServer) {}
/** UDP, in child processes. */
export class ForkingUDPServer extends ForkingMixIn(UDPServer) {}
/** Unix sockets, in child processes. */
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {}
/** Unix datagrams, in child processes. */
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {}

/** TCP, in worker threads. */
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}
/** UDP, in worker threads. */
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {}
/** Unix sockets, in worker threads. */
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}
/** Unix datagrams, in worker threads. */
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {}

/** TCP, in a select loop. */
export class SelectingTCPServer extends SelectingMixIn(TCPServer) {}
/** UDP, in a select loop. */
export class SelectingUDPServer extends SelectingMixIn(UDPServer) {}
/** Unix sockets, in a select loop. */
export class SelectingUnixStreamServer extends SelectingMixIn(UnixStreamServer) {}
/** Unix datagrams, in a select loop. */
export class SelectingUnixDatagramServer extends SelectingMixIn(UnixDatagramServer) {}
