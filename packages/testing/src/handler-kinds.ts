import { LineEcho, MessageEcho, PacketEcho, PacketFileEcho, PlainEcho } from './contract-handlers';
import {
  VisitedLineEcho,
  VisitedMessageEcho,
  VisitedPacketEcho,
  VisitedPacketFileEcho,
  VisitedPlainEcho,
} from './visited-echoes';

/** A way to write a handler: an echo that obeys. */
export interface HandlerKind {
  readonly kind: string;
  readonly Echo: new () => object;
  /** The same with a service of its connection. */
  readonly VisitedEcho: new (...args: never[]) => object;
  /** Whether the server can know when it is between two messages. */
  readonly knowsMessages: boolean;
}

const base = 'a BaseRequestHandler';
const message = { kind: 'a MessageHandler', Echo: MessageEcho, VisitedEcho: VisitedMessageEcho };

/** One for each way to write a handler for connections. */
export const streamHandlers: readonly HandlerKind[] = [
  { kind: base, Echo: PlainEcho, VisitedEcho: VisitedPlainEcho, knowsMessages: false },
  { kind: 'a StreamRequestHandler', Echo: LineEcho, VisitedEcho: VisitedLineEcho, knowsMessages: true },
  { ...message, knowsMessages: true },
];

/** One for each way to write a handler for datagrams. */
export const datagramHandlers: readonly HandlerKind[] = [
  { kind: base, Echo: PacketEcho, VisitedEcho: VisitedPacketEcho, knowsMessages: false },
  { kind: 'a DatagramRequestHandler', Echo: PacketFileEcho, VisitedEcho: VisitedPacketFileEcho, knowsMessages: false },
  { ...message, knowsMessages: false },
];
