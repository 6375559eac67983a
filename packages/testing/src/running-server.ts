import type { Address, BaseServer, ServeOptions, ShutdownReport } from '@socketserver/core';

import { Peer } from './peer';

/**
 * A server that serves as long as the test needs it: whatever happens, nothing of it is left afterwards.
 *
 * ```ts
 * await using running = new RunningServer(await TCPServer.listen(['127.0.0.1', 0], Echo));
 * using peer = await running.connect();
 * ```
 */
export class RunningServer<S extends BaseServer> {
  readonly server: S;
  /** How `serveForever()` ended. */
  readonly done: Promise<ShutdownReport>;

  constructor(server: S, options?: ServeOptions) {
    this.server = server;
    this.done = server.serveForever(options);
    // Who wants to know awaits it; a test that fails before should not end the process as well.
    this.done.catch(() => undefined);
  }

  get address(): Address {
    return this.server.serverAddress;
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.address);
  }

  /** Closes and cuts. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.server.serverClose();
    this.server.abort();
    await closed;
    await this.done.catch(() => undefined);
  }
}
