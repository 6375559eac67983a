import { type Address, Socket, familyOf } from '@socketserver/socket';

import type { AcceptingTask } from './messages';

/** What takes the connections that come in. */
export interface OwnIntakeOwner {
  /** How many it serves. */
  readonly activeConnections: number;
  /** Serves one. */
  accepted(connection: Socket, clientAddress: Address): void;
  /** Hears of one that could not be accepted. */
  trouble(error: unknown): void;
}

/** Where a child process that accepts by itself takes its connections: the listening socket that it shares with others. */
export class OwnIntake {
  readonly #socket: Socket;
  readonly #owner: OwnIntakeOwner;
  readonly #atOnce: number;
  #isOpen = false;
  #hasRoom = false;

  private constructor(socket: Socket, atOnce: number, owner: OwnIntakeOwner) {
    this.#socket = socket;
    this.#atOnce = atOnce;
    this.#owner = owner;
  }

  /** Closed at first. @throws {SocketError} when the descriptor is none of a listening socket */
  static async create(address: Address, task: AcceptingTask, owner: OwnIntakeOwner): Promise<OwnIntake> {
    const { fd, backlog, atOnce } = task;
    const socket = new Socket(familyOf(address));
    await socket.bind(address, { fd, backlog, onError: (error) => owner.trouble(error) });
    await socket.listen(backlog);
    return new OwnIntake(socket, atOnce, owner);
  }

  open(): void {
    this.#isOpen = true;
    this.adjust();
  }

  close(): void {
    this.#isOpen = false;
    this.adjust();
  }

  /** Looks whether one more may come. Called when one has ended. */
  adjust(): void {
    const hasRoom = this.#isOpen && this.#owner.activeConnections < this.#atOnce;
    if (hasRoom === this.#hasRoom) return;
    this.#hasRoom = hasRoom;
    if (hasRoom) {
      this.#socket.watch(this.#arrived);
      this.#socket.gate.resume();
      // Those that had been taken when there was no more room.
      this.#arrived();
    } else {
      this.#socket.unwatch(this.#arrived);
      this.#socket.gate.suspend();
    }
  }

  readonly #arrived = (): void => {
    while (this.#hasRoom) {
      const accepted = this.#socket.acceptNow();
      if (accepted === undefined) return;
      this.#owner.accepted(...accepted);
      this.adjust();
    }
  };
}
