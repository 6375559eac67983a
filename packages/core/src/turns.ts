import { type ReadScheduler, type ScheduledReader, Socket } from '@socketserver/socket';

/** The sockets of a select loop whose handlers wait and could go on, in the order in which that came to be. */
export class Turns implements ReadScheduler {
  readonly #wake: () => void;
  #ready: ScheduledReader[] = [];
  #isOver = true;

  /** @param wake called when the first one is ready */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  get areReady(): boolean {
    return this.#ready.length > 0;
  }

  /** From now on the reader of `request`, if that is a socket, goes on in turns. */
  join(request: object): void {
    if (request instanceof Socket) request.scheduler = this;
  }

  ready(socket: ScheduledReader): void {
    if (this.#isOver) {
      socket.scheduler = null;
      socket.deliver();
      return;
    }
    this.#ready.push(socket);
    if (this.#ready.length === 1) this.#wake();
  }

  /** Begins to take turns. */
  begin(): void {
    this.#isOver = false;
  }

  /** Ends it: from now on every reader goes on as soon as it can. */
  end(): void {
    this.#isOver = true;
    this.run();
  }

  /** Lets each of them do one step. */
  run(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const socket of ready) socket.deliver();
  }
}
