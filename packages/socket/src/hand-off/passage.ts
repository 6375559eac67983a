/**
 * A private way by which descriptors go from a server to one of its children, many at a time.
 *
 * ```
 *   server                                    child
 *   send(id, fd) ──▶ kernel: id, open file ──▶ receive()
 *   acknowledged()  ◀──── a byte for each ──── acknowledge()
 * ```
 *
 * Node sends one handle by its channel, and the next one when the child has answered. Here the kernel keeps them, in order,
 * and closes what a child that has ended did not take: so the server need not keep its own descriptors open.
 *
 * A pair of Unix sockets and SCM_RIGHTS. Sources: unix(7), cmsg(3), sendmsg(2) and recvmsg(2) of Linux.
 */
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';

import { cFunction, errno } from '../libc';

const AF_UNIX = 1;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

const EAGAIN = 11;
const ETOOMANYREFS = 109;

/**
 * `struct msghdr`, and behind it all that it points to.
 *
 * ```
 *    0 name        8 length      16 parts ─┐    24 1   32 control ─┐   40 24   48 flags
 *   56 ┌ id ◀┐    64 4      ◀─── part ◀────┘                       │
 *   72 ID ◀──┘
 *   80 20         88 level 92 type  96 FD   ◀──── control ◀────────┘
 * ```
 */
const AT = { parts: 16, partCount: 24, control: 32, controlSize: 40, part: 56, id: 72, header: 80, fd: 96 } as const;
const SIZE = 104;
const ID_SIZE = 4;
/** `CMSG_LEN` and `CMSG_SPACE` of one descriptor. */
const CONTROL_LENGTH = 20;
const CONTROL_SPACE = 24;

type Transfer = (fd: number, message: Buffer, flags: number) => number;
type Bytes = (fd: number, bytes: Buffer, length: number, flags: number) => number;

interface Calls {
  readonly sendmsg: Transfer;
  readonly recvmsg: Transfer;
  readonly send: Bytes;
  readonly recv: Bytes;
  readonly socketpair: (domain: number, type: number, protocol: number, fds: Int32Array) => number;
  /** The one message of this process. Every call is over before the next one begins. */
  readonly message: Buffer;
}

let calls: Calls | null | undefined;

/** What has come by a passage. */
export interface Arrival {
  readonly id: number;
  /** -1 where this process has no descriptor left. */
  readonly fd: number;
}

/** One end of it. */
export class Passage {
  readonly #calls: Calls;
  readonly #fd: number;
  /** Acknowledgements that there was no room for. */
  #unsent = 0;

  /** Both ends: one for this process, and the descriptor of the child's; `null` where there can be none. */
  static open(): [here: Passage, there: number] | null {
    if ((calls ??= load()) === null) return null;
    const fds = new Int32Array(2);
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    if (calls.socketpair(AF_UNIX, type, 0, fds) !== 0) return null;
    return [new Passage(calls, fds[0]!), fds[1]!];
  }

  /** The end that has come to this process; `null` where it cannot use it. */
  static of(fd: number): Passage | null {
    calls ??= load();
    return calls === null || fd < 0 ? null : new Passage(calls, fd);
  }

  private constructor(known: Calls, fd: number) {
    this.#calls = known;
    this.#fd = fd;
  }

  // The server's end

  /** Sends a descriptor, which the caller closes: the other process gets its own. @returns false: there is no room now */
  send(id: number, fd: number): boolean {
    const { message, sendmsg } = this.#calls;
    message.writeInt32LE(id, AT.id);
    message.writeInt32LE(fd, AT.fd);
    message.writeUInt32LE(CONTROL_SPACE, AT.controlSize);
    if (sendmsg(this.#fd, message, MSG_NOSIGNAL) === ID_SIZE) return true;
    const error = errno();
    // Anything else says that the child has gone, and then the connection has, too.
    return error !== EAGAIN && error !== ETOOMANYREFS;
  }

  /** How many were acknowledged since it was asked last. */
  acknowledged(): number {
    return Math.max(0, this.#calls.recv(this.#fd, acknowledgements, acknowledgements.length, 0));
  }

  /** Closes the server's end. That of a child ends with it. */
  close(): void {
    closeSync(this.#fd);
  }

  // The child's end

  /** The next one that has come; `null`: none has. */
  receive(): Arrival | null {
    const { message, recvmsg } = this.#calls;
    message.writeInt32LE(-1, AT.fd);
    message.writeUInt32LE(CONTROL_SPACE, AT.controlSize);
    if (recvmsg(this.#fd, message, MSG_CMSG_CLOEXEC) !== ID_SIZE) return null;
    return { id: message.readInt32LE(AT.id), fd: message.readInt32LE(AT.fd) };
  }

  /** Says that one more was taken. */
  acknowledge(): void {
    this.#unsent += 1;
    const count = Math.min(this.#unsent, acknowledgements.length);
    this.#unsent -= Math.max(0, this.#calls.send(this.#fd, acknowledgements, count, MSG_NOSIGNAL));
  }
}

const acknowledgements = Buffer.alloc(4096);

/** The layout above is that of Linux on processors of 64 bits. */
function load(): Calls | null {
  const isKnown = process.platform === 'linux' && ['x64', 'arm64', 'riscv64'].includes(process.arch);
  if (!isKnown || endianness() !== 'LE') return null;
  const message = Buffer.allocUnsafeSlow(SIZE).fill(0);
  const copy = cFunction<(to: Buffer, from: Buffer, size: number) => bigint>(
    'uint64_t memmove(void *to, void *from, size_t size)',
  );
  const socketpair = cFunction<Calls['socketpair']>('int socketpair(int domain, int type, int protocol, void *fds)');
  const sendmsg = cFunction<Transfer>('intptr_t sendmsg(int fd, void *message, int flags)');
  const recvmsg = cFunction<Transfer>('intptr_t recvmsg(int fd, void *message, int flags)');
  const send = cFunction<Bytes>('intptr_t send(int fd, void *bytes, size_t length, int flags)');
  const recv = cFunction<Bytes>('intptr_t recv(int fd, void *bytes, size_t length, int flags)');
  if (copy === null || socketpair === null || sendmsg === null || recvmsg === null || send === null || recv === null)
    return null;
  // It returns where its first argument is.
  const start = BigInt(copy(message, message, 0));
  message.writeBigUInt64LE(start + BigInt(AT.part), AT.parts);
  message.writeBigUInt64LE(1n, AT.partCount);
  message.writeBigUInt64LE(start + BigInt(AT.header), AT.control);
  message.writeBigUInt64LE(start + BigInt(AT.id), AT.part);
  message.writeBigUInt64LE(BigInt(ID_SIZE), AT.part + 8);
  message.writeUInt32LE(CONTROL_LENGTH, AT.header);
  message.writeInt32LE(SOL_SOCKET, AT.header + 8);
  message.writeInt32LE(SCM_RIGHTS, AT.header + 12);
  return { sendmsg, recvmsg, send, recv, socketpair, message };
}
