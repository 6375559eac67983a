/**
 * A listening socket with an accept gate.
 *
 * Node accepts connections whether or not anyone asks, and has no way to pause. The gate closes the listening handle
 * and keeps a duplicate of its descriptor; to open, it listens again on another duplicate. Meanwhile clients wait in the
 * kernel's backlog, and nothing of what they send is lost:
 *
 * ```
 *   closed:  kernel backlog │ spare descriptor                    nobody accepts
 *   open:    kernel backlog │ spare descriptor + net.Server ──▶ taken ──▶ acceptNow()
 * ```
 *
 * Where descriptors cannot be duplicated, connections that nobody wants yet wait accepted and unread, at most `backlog`
 * of them; more are reset.
 */
import { closeSync } from 'node:fs';
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

import { type Address, familyOf } from './address';
import { type ClockTimer, systemClock } from './clock';
import { type ConnectionHandle, hookConnections, listeningDescriptor, peerOf, socketOfHandle } from './connection-hook';
import { socketError, systemError } from './errors';
import { duplicateDescriptor } from './libc';
import { type ListenOptions, checkBacklog, defaultReadPath, netOptions } from './listen-options';
import type { Pollable, Watcher } from './pollable';
import type { ReadPath } from './read-path';

/** A connection fresh from the kernel, and who is at its other end. */
export interface Accepted {
  readonly net: net.Socket;
  readonly readPath: ReadPath;
  readonly peer: Address;
}

/** Milliseconds before another try, when the gate could not be opened for want of descriptors. */
const REOPEN_DELAY = 100;

export class Listener implements Pollable {
  /** The address it listens at, with the real port. */
  readonly address: Address;
  readonly family: number;
  backlog: number;
  /** Whether its owner has called `listen()`, and may accept. */
  isListening = false;
  readonly exceptional = false;
  readonly writable = false;

  readonly #readPath: ReadPath;
  readonly #options: ListenOptions;
  /** Keeps the kernel's queue alive while the gate is closed; `null`: there is no gate. */
  #spare: number | null;
  #server: net.Server | null;
  #taken: (ConnectionHandle | net.Socket)[] = [];
  #isFlowing = false;
  #isClosed = false;
  #watchers = new Set<Watcher>();
  #retry: ClockTimer | null = null;

  /**
   * Binds and listens: one step in Node. The gate is closed at first.
   *
   * @throws {AddressInUseError} when the port is taken; nothing stays open
   * @throws {SocketError} when the address cannot be bound for another reason
   */
  static async open(address: Address, options: ListenOptions = {}): Promise<Listener> {
    const readPath = options.readPath ?? (await defaultReadPath());
    const server = createServer(readPath);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(netOptions(address, options), () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      throw socketError(error, 'bind', address);
    }
    return new Listener(server, readPath, address, options);
  }

  private constructor(server: net.Server, readPath: ReadPath, asked: Address, options: ListenOptions) {
    const bound = server.address();
    this.address = bound === null || typeof bound === 'string' ? asked : [bound.address, bound.port];
    this.family = familyOf(this.address);
    this.backlog = checkBacklog(options.backlog);
    this.#options = options;
    this.#readPath = readPath;
    const gate = options.acceptGate ?? process.env.SOCKETSERVER_ACCEPT_GATE !== 'off';
    // Closing a handle of Node's on a path removes the path: such a listener stays open.
    const spare = gate && typeof asked !== 'string' ? duplicateDescriptor(listeningDescriptor(server)) : null;
    this.#spare = spare === -1 ? null : spare;
    this.#server = server;
    if (this.#spare === null) this.#serve(server);
    else this.#shut();
  }

  /** Whether a connection waits to be taken. */
  get readable(): boolean {
    return this.#taken.length > 0 || this.#isClosed;
  }

  /** Whether connections wait in the kernel while nobody wants them; otherwise they wait accepted. */
  get hasGate(): boolean {
    return this.#spare !== null;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes connections as they come, until {@link suspend}. At most `backlog` of them wait for {@link acceptNow}. */
  resume(): void {
    this.#isFlowing = true;
    this.#adjust();
  }

  /** Leaves connections in the kernel, unless somebody watches or awaits one. */
  suspend(): void {
    this.#isFlowing = false;
    this.#adjust();
  }

  /** A connection that waits, if there is one. */
  acceptNow(): Accepted | undefined {
    for (let raw = this.#taken.shift(); raw !== undefined; raw = this.#taken.shift()) {
      const accepted = this.#introduce(raw);
      this.#adjust();
      if (accepted !== undefined) return accepted;
    }
    return undefined;
  }

  /** Calls `watcher` when a connection has come. While anyone watches, one is taken from the kernel at a time. */
  watch(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#adjust();
  }

  unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    this.#adjust();
  }

  fileno(): number {
    if (this.#isClosed) return -1;
    return this.#spare ?? (this.#server === null ? -1 : listeningDescriptor(this.#server));
  }

  /** Stops listening at once; connections that nobody has taken are reset. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#shut();
    if (this.#spare !== null) closeSync(this.#spare);
    for (const raw of this.#taken) discard(raw);
    this.#taken = [];
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Opens or closes the gate, whichever is due. */
  #adjust(): void {
    if (this.#isClosed || this.#spare === null) return;
    const limit = this.#isFlowing ? this.backlog : this.#watchers.size > 0 ? 1 : 0;
    if (this.#taken.length >= limit) this.#shut();
    else if (this.#server === null && this.#retry === null) this.#reopen(this.#spare);
  }

  #reopen(spare: number): void {
    const fd = duplicateDescriptor(spare);
    if (fd === null || fd === -1) {
      this.#reopenLater(systemError('EMFILE', 'accept', this.address));
      return;
    }
    const server = createServer(this.#readPath);
    server.listen({ fd, backlog: this.backlog });
    this.#server = server;
    this.#serve(server);
  }

  #reopenLater(error: unknown): void {
    this.#options.onError?.(socketError(error, 'accept', this.address));
    this.#retry = (this.#options.clock ?? systemClock).setTimeout(() => {
      this.#retry = null;
      this.#adjust();
    }, REOPEN_DELAY);
  }

  #shut(): void {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    server.close();
  }

  #serve(server: net.Server): void {
    server.on('error', (error) => this.#failed(server, error));
    if (this.#readPath === 'data-events') server.on('connection', (socket) => this.#take(socket));
    else {
      hookConnections(
        server,
        (connection) => this.#take(connection),
        (status) => this.#failed(server, acceptError(status)),
      );
    }
  }

  /** A failed accept, mostly for want of descriptors: tried again a little later, or else it would fail at once again. */
  #failed(server: net.Server, error: unknown): void {
    if (this.#server === server && this.#spare !== null) {
      this.#shut();
      this.#reopenLater(error);
    } else this.#options.onError?.(socketError(error, 'accept', this.address));
  }

  #take(raw: ConnectionHandle | net.Socket): void {
    if (this.#isClosed || this.#taken.length >= this.backlog) {
      discard(raw);
      return;
    }
    this.#taken.push(raw);
    if (!this.#isFlowing || this.#taken.length >= this.backlog) this.#adjust();
    for (const watcher of this.#watchers) watcher();
  }

  /** Undefined when the peer has gone while it waited. */
  #introduce(raw: ConnectionHandle | net.Socket): Accepted | undefined {
    if (raw instanceof net.Socket) {
      const { remoteAddress: host, remotePort: port } = raw;
      if (typeof this.address === 'string') return { net: raw, readPath: 'data-events', peer: '' };
      if (host !== undefined && port !== undefined) return { net: raw, readPath: 'data-events', peer: [host, port] };
      discard(raw);
      return undefined;
    }
    if (typeof this.address === 'string') return { net: socketOfHandle(raw), readPath: 'shared-buffer', peer: '' };
    const peer = peerOf(raw);
    if (peer !== null) return { net: socketOfHandle(raw), readPath: 'shared-buffer', peer };
    discard(raw);
    return undefined;
  }
}

function createServer(readPath: ReadPath): net.Server {
  return net.createServer({ allowHalfOpen: true, pauseOnConnect: readPath === 'data-events' });
}

function acceptError(status: number): { code: string; message: string } {
  return { code: status < 0 ? getSystemErrorName(status) : 'ERR_ACCEPT', message: `failed with status ${status}` };
}

/** Resets a connection over TCP; closes one over a path, which knows no reset. */
function discard(raw: ConnectionHandle | net.Socket): void {
  if (!(raw instanceof net.Socket)) {
    if (raw.reset?.() !== 0) raw.close();
  } else if (raw.remotePort === undefined) raw.destroy();
  else raw.resetAndDestroy();
}
