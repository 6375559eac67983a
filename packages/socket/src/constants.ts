/**
 * The numbers of Python's `socket` module, with the values that Linux gives them.
 *
 * They are names to pass to {@link socket}; nothing here is handed to the operating system.
 */

/** Internet addresses of version 4: `[host, port]`. */
export const AF_INET = 2;
/** Internet addresses of version 6: `[host, port]`. */
export const AF_INET6 = 10;
/** Unix domain sockets: a path. */
export const AF_UNIX = 1;
/** Controller Area Network. Named for completeness: Node cannot open it. */
export const AF_CAN = 29;
/** Reliable Datagram Sockets. Named for completeness: Node cannot open it. */
export const AF_RDS = 21;

/** A stream of bytes: TCP, or a Unix stream. */
export const SOCK_STREAM = 1;
/** Datagrams: UDP, or Unix datagrams. */
export const SOCK_DGRAM = 2;
/** Raw packets. Named for completeness: Node cannot open it. */
export const SOCK_RAW = 3;

/** For `shutdown()`: nothing more will be received. */
export const SHUT_RD = 0;
/** For `shutdown()`: nothing more will be sent. The peer reads an end of stream. */
export const SHUT_WR = 1;
/** For `shutdown()`: both directions. */
export const SHUT_RDWR = 2;

/** How many connections wait in the kernel's backlog unless told otherwise. */
export const SOMAXCONN = 1024;

const families = new Map([
  [AF_INET, 'AF_INET'],
  [AF_INET6, 'AF_INET6'],
  [AF_UNIX, 'AF_UNIX'],
  [AF_CAN, 'AF_CAN'],
  [AF_RDS, 'AF_RDS'],
]);
const types = new Map([
  [SOCK_STREAM, 'SOCK_STREAM'],
  [SOCK_DGRAM, 'SOCK_DGRAM'],
  [SOCK_RAW, 'SOCK_RAW'],
]);

/** The name of a family, for messages. */
export function familyName(family: number): string {
  return families.get(family) ?? `family ${family}`;
}

/** The name of a type, for messages. */
export function typeName(type: number): string {
  return types.get(type) ?? `type ${type}`;
}
