/**
 * The ways to give a connection to a worker thread.
 *
 * | way         | what crosses                        | where it works                                              |
 * | ----------- | ----------------------------------- | ----------------------------------------------------------- |
 * | `duplicate` | the number of a second descriptor   | Unix systems, with the optional package `koffi`             |
 * | `native`    | Node's own handle                   | TCP, on Node 24.21 and later, or 26.6 and later             |
 * | `relay`     | the bytes, through the server       | everywhere                                                  |
 *
 * The first one that works is used: it is the fastest, and the relay costs the server's thread what handing over is to
 * spare it.
 */
import { once } from 'node:events';
import * as net from 'node:net';
import { MessageChannel, type TransferListItem, receiveMessageOnPort } from 'node:worker_threads';

import { UnsupportedError } from '../errors';
import { canDuplicate } from '../libc';

/** How a connection gets to a worker thread. */
export type HandOffWay = 'native' | 'duplicate' | 'relay';

/** The way of each transport. */
export interface Ways {
  readonly tcp: HandOffWay;
  readonly unix: HandOffWay;
}

/**
 * @param asked takes precedence over the environment's SOCKETSERVER_HAND_OFF; where it is not possible for Unix sockets,
 *   those go the next best way
 * @throws {UnsupportedError} when this machine cannot do what is asked
 */
export async function chooseWays(asked = process.env.SOCKETSERVER_HAND_OFF): Promise<Ways> {
  const best = canDuplicate() ? 'duplicate' : 'relay';
  switch (asked) {
    case undefined:
    case '':
      return { tcp: best === 'relay' && (await probeTransfer()) ? 'native' : best, unix: best };
    case 'relay':
      return { tcp: 'relay', unix: 'relay' };
    case 'duplicate':
      if (best === asked) return { tcp: asked, unix: asked };
      throw unavailable(asked, 'it needs a Unix system and the optional package koffi; run `npm install koffi`');
    case 'native':
      if (await probeTransfer()) return { tcp: asked, unix: best };
      throw unavailable(asked, `it needs Node 24.21, or 26.6 or later; this is ${process.version}`);
    default:
      throw unavailable(asked, 'use native, duplicate or relay');
  }
}

function unavailable(way: string, why: string): UnsupportedError {
  return new UnsupportedError(`hand over: the way ${JSON.stringify(way)} cannot be had: ${why}`, 'ERR_HAND_OFF_WAY');
}

let probe: Promise<boolean> | undefined;

/** Whether this Node can post a socket to another thread: a connection over the loopback address, tried once. */
function probeTransfer(): Promise<boolean> {
  return (probe ??= tryTransfer().catch(() => false));
}

async function tryTransfer(): Promise<boolean> {
  const server = net.createServer({ pauseOnConnect: true });
  const { port1, port2 } = new MessageChannel();
  const opened = new Set<net.Socket>();
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    opened.add(client.on('error', () => undefined));
    const [accepted] = (await once(server, 'connection')) as [net.Socket];
    opened.add(accepted);
    port1.postMessage(accepted, [accepted as unknown as TransferListItem]);
    const message: unknown = receiveMessageOnPort(port2)?.message;
    if (!(message instanceof net.Socket)) return false;
    opened.add(message);
    return message.remotePort === client.localPort;
  } finally {
    for (const socket of opened) socket.destroy();
    server.close();
    port1.close();
  }
}
