/**
 * Python's `socket`, `select` and `selectors` modules as promises over `node:net` and `node:dgram`. Times are milliseconds.
 *
 * @module
 */
export { type Address, type InetAddress, familyOf, formatAddress, sameAddress } from './address';
export { Clock, type ClockTimer, ManualClock, systemClock } from './clock';
export type { ConnectOptions } from './connect';
export {
  AF_CAN,
  AF_INET,
  AF_INET6,
  AF_RDS,
  AF_UNIX,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOMAXCONN,
} from './constants';
export { createConnection, socket } from './create-connection';
export type { DatagramBindOptions } from './datagram-channel';
export type { Datagram } from './datagram-queue';
export { DatagramSocket } from './datagram-socket';
export * from './errors';
export { ChildAdopter } from './hand-off/child-adopter';
export { ChildHandOff, type ChildHandOffOptions } from './hand-off/child-hand-off';
export type { Adopter, HandOff } from './hand-off/hand-off';
export type {
  ChildParcel,
  DuplicateParcel,
  Given,
  NativeParcel,
  Parcel,
  ParcelBase,
  RelayParcel,
} from './hand-off/parcel';
export { ThreadAdopter } from './hand-off/thread-adopter';
export { ThreadHandOff, type ThreadHandOffData, type ThreadHandOffOptions } from './hand-off/thread-hand-off';
export type { HandOffWay } from './hand-off/way';
export type { ListenOptions } from './listen-options';
export type { Accepted } from './accepted-connection';
export type { ConnectionHandle } from './connection-hook';
export type { Listener } from './listener';
export type { Pollable, Watcher } from './pollable';
export type { ReadPath } from './read-path';
export { type AddressInfo, getaddrinfo, gethostbyname, gethostname } from './resolve';
export type { ReadScheduler, ScheduledReader, WaitObserver } from './seams';
export { dieWithParent } from './libc';
export { select } from './select';
export { EVENT_READ, EVENT_WRITE, Selector, type SelectorKey } from './selector';
export { Socket, type SocketOptions } from './socket';
export { tolerant } from './tolerant';
export type { Transport } from './transport';
