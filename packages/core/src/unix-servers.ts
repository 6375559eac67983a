/**
 * Servers at a path instead of a host and a port.
 *
 * As in CPython the path stays when the server closes, and a server cannot bind to a path that is there already. With
 * `allowReuseAddress` it first removes a socket that nobody listens at any more.
 *
 * Source: `Lib/socketserver.py`, `UnixStreamServer`, `UnixDatagramServer`.
 */
import { OptionError } from './errors';
import { TCPServer } from './tcp-server';
import { UDPServer } from './udp-server';

/** Connections over a Unix socket. A client's address is `''`. */
export class UnixStreamServer extends TCPServer {
  protected override checkAddress(): void {
    checkPath(this.serverAddress);
  }
}

/**
 * Datagrams over a Unix socket. Clients that want an answer must be bound to a path themselves; the address of others is
 * `''`. Needs the optional package `unix-dgram`.
 */
export class UnixDatagramServer extends UDPServer {
  protected override checkAddress(): void {
    checkPath(this.serverAddress);
  }
}

/** @throws {OptionError} also for what only JavaScript lets through */
function checkPath(address: unknown): void {
  if (typeof address === 'string' && address !== '') return;
  throw new OptionError('address', address, "the path of a socket, such as '/run/app.sock'");
}
