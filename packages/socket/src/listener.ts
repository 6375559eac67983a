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
 * The file of a Unix path stays where it is, while the gate is closed and when the listener is: see `unix-path.ts`.
 *
 * Where descriptors cannot be duplicated, connections that nobody wants yet wait accepted and unread, at most `backlog`
 * of them; more are reset.
 */
import { closeSync } from 'node:fs';
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

import { type Address, familyOf } from './address';
import { type ClockTimer, systemClock } from './clock';
import { type Accepted, discard, introduce } from './accepted-connection';
import { type ConnectionHandle, hookConnections, listeningDescriptor } from './connection-hook';
import { AF_INET } from './constants';
import { socketError, systemError } from './errors';
import { duplicateDescriptor } from './libc';
import { type ListenOptions, checkBacklog, defaultReadPath, netOptions } from './listen-options';
import type { Pollable, Watcher } from './pollable';
import type { ReadPath } from './read-path';
import { bindError, checkPath, closeKeepingFile, removeStaleFile } from './unix-path';

/** Milliseconds before another try, when the gate could not be opened for want of descriptors. */
const REOPEN_DELAY = 100;

/** A listening socket that takes only as many connections from the kernel as are asked for. */
export class Listener implements Pollable {
  /** The address it listens at, with the real port. */
  readonly address: Address;
  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** How many connections may wait taken, 1 at least. */
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
  /** How many connections may wait taken while it flows; no more than the backlog. */
  #room = Infinity;
  /** The path whose file libuv would remove when it closes the server: that of the first one only. */
  #boundPath: string | null;
  #isClosed = false;
  #watchers = new Set<Watcher>();
  #retry: ClockTimer | null = null;

  /**
   * Binds and listens: one step in Node. The gate is closed at first.
   *
   * @param family decides what an empty host means
   * @throws {AddressInUseError} when the port is taken; nothing stays open
   * @throws {SocketError} when the address cannot be bound for another reason
   */
  static async open(address: Address, options: ListenOptions = {}, family = AF_INET): Promise<Listener> {
    const readPath = options.readPath ?? (await defaultReadPath());
    if (typeof address === 'string' && options.fd === undefined) {
      if (address === '') throw systemError('EINVAL', 'bind', address);
      checkPath('bind', address);
      if (options.removeStale === true) await removeStaleFile(address);
    }
    const server = createServer(readPath);
    const { fd } = options;
    try {
      await new Promise<void>((resolve, reject) => {
        const listening = (): void => {
          server.off('error', reject);
          resolve();
        };
        server.once('error', reject);
        if (fd === undefined) server.listen(netOptions(address, family, options), listening);
        else listenOn(server, fd, checkBacklog(options.backlog), listening);
      });
    } catch (error) {
      throw typeof address === 'string' ? bindError(error, address) : socketError(error, 'bind', address);
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
    const spare = gate ? duplicateDescriptor(listeningDescriptor(server)) : null;
    this.#spare = spare === -1 ? null : spare;
    this.#server = server;
    this.#boundPath = typeof asked === 'string' && options.fd === undefined ? asked : null;
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

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Takes connections as they come, until {@link suspend}.
   *
   * @param room how many of them wait for {@link acceptNow} at most, and never more than the backlog; 0: the gate is
   *   closed. May be set anew at any time. Without a gate it is the backlog.
   */
  resume(room = Infinity): void {
    if (this.#isFlowing && room === this.#room) return;
    this.#isFlowing = true;
    this.#room = room;
    this.#adjust();
  }

  /** Leaves connections in the kernel, unless somebody watches or awaits one. */
  suspend(): void {
    if (!this.#isFlowing) return;
    this.#isFlowing = false;
    this.#adjust();
  }

  /** A connection that waits, if there is one. */
  acceptNow(): Accepted | undefined {
    for (let raw = this.#taken.shift(); raw !== undefined; raw = this.#taken.shift()) {
      const accepted = introduce(raw, typeof this.address === 'string', this.#options.handOver === true);
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
    if (this.#taken.length >= this.#limit()) this.#shut();
    else if (this.#server === null && this.#retry === null) this.#reopen(this.#spare);
  }

  /** How many connections may wait taken. */
  #limit(): number {
    if (this.#isFlowing) return Math.min(this.backlog, this.#room);
    return this.#watchers.size > 0 ? 1 : 0;
  }

  #reopen(spare: number): void {
    const fd = duplicateDescriptor(spare);
    if (fd === null || fd === -1) {
      this.#reopenLater(systemError('EMFILE', 'accept', this.address));
      return;
    }
    const server = createServer(this.#readPath);
    listenOn(server, fd, this.backlog);
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
    const path = this.#boundPath;
    this.#boundPath = null;
    if (path === null) server.close();
    else closeKeepingFile(path, () => server.close());
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
    if (this.#taken.length >= this.#limit()) this.#adjust();
    for (const watcher of this.#watchers) watcher();
  }
}

/** The backlog as an argument: for a descriptor Node ignores `options.backlog`, and would make the kernel's queue one of 511. */
function listenOn(server: net.Server, fd: number, backlog: number, listening?: () => void): void {
  server.listen({ fd }, backlog, listening);
}

function createServer(readPath: ReadPath): net.Server {
  return net.createServer({ allowHalfOpen: true, pauseOnConnect: readPath === 'data-events' });
}

function acceptError(status: number): { code: string; message: string } {
  return { code: status < 0 ? getSystemErrorName(status) : 'ERR_ACCEPT', message: `failed with status ${status}` };
}
