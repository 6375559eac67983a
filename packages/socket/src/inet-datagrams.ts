import * as dgram from 'node:dgram';
import { V4MAPPED, lookup as lookUpName } from 'node:dns';
import { isIP } from 'node:net';

import type { Address, InetAddress } from './address';
import { hostToBind } from './check-address';
import { closedError } from './closed-error';
import { AF_INET, AF_INET6 } from './constants';
import type { DatagramBindOptions, DatagramChannel, DatagramReceiver, SendCallback } from './datagram-channel';
import { checkReusePort } from './listen-options';

/** UDP, over `node:dgram`. */
export class InetDatagrams implements DatagramChannel {
  readonly #socket: dgram.Socket;
  readonly #version: 4 | 6;
  #isClosed = false;
  #isConnected = false;

  private constructor(family: number, host: string, options: DatagramBindOptions) {
    const { dualStack = false, reuseAddress = false, reusePort = false } = options;
    if (reusePort) checkReusePort();
    this.#version = (isIP(host) || (family === AF_INET6 ? 6 : 4)) as 4 | 6;
    const shared = reusePort ? { reusePort } : {};
    this.#socket = dgram.createSocket({
      type: this.#version === 6 ? 'udp6' : 'udp4',
      ipv6Only: this.#version === 6 && !dualStack,
      reuseAddr: reuseAddress,
      lookup: lookup as unknown as dgram.SocketOptions['lookup'],
      ...shared,
    });
  }

  #deliver(receiver: DatagramReceiver): this {
    this.#socket.on('error', (error) => receiver.failed(error));
    this.#socket.on('message', (data, { address, port }) => receiver.received(data, [address, port]));
    return this;
  }

  /** A socket on a free port of every interface, at once. What goes wrong with it shows at the first send. */
  static openUnbound(family: number, to: InetAddress, receiver: DatagramReceiver): InetDatagrams {
    const channel = new InetDatagrams(family, to[0], {}).#deliver(receiver);
    channel.#socket.bind({ port: 0, exclusive: true });
    return channel;
  }

  static open(
    family: number,
    [host, port]: InetAddress,
    receiver: DatagramReceiver,
    options: DatagramBindOptions,
  ): Promise<InetDatagrams> {
    return new Promise((resolve, reject) => {
      if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) throw badPort(port);
      const wanted = hostToBind(host, family, options.dualStack);
      const channel = new InetDatagrams(family, wanted, options);
      const socket = channel.#socket;
      const onError = (error: Error): void => {
        channel.close();
        reject(error);
      };
      socket.once('error', onError);
      socket.bind({ address: wanted, port, exclusive: true }, () => {
        socket.off('error', onError);
        resolve(channel.#deliver(receiver));
      });
    });
  }

  get family(): number {
    return this.#version === 6 ? AF_INET6 : AF_INET;
  }

  get address(): Address {
    try {
      const { address, port } = this.#socket.address();
      return [address, port];
    } catch {
      return [this.#version === 6 ? '::' : '0.0.0.0', 0]; // Not bound: binding for the first send has failed.
    }
  }

  get isDrained(): boolean {
    return this.#isClosed || this.#socket.getSendQueueSize() === 0;
  }

  fileno(): number {
    return this.#isClosed ? -1 : descriptorOf(this.#socket);
  }

  connect(address: Address): Promise<Address> {
    const [host, port] = address as InetAddress;
    return new Promise((resolve, reject) => {
      if (this.#isConnected) this.#socket.disconnect();
      this.#isConnected = false;
      const onClose = (): void => reject(closedError('connect'));
      this.#socket.connect(port, host === '' ? this.#loopback : host, (error?: Error) => {
        this.#socket.off('close', onClose);
        if (error !== undefined) reject(error);
        else if (this.#isClosed) onClose();
        else {
          this.#isConnected = true;
          const peer = this.#socket.remoteAddress();
          resolve([peer.address, peer.port]);
        }
      });
      // A socket that is closed while it looks for a name never calls back.
      this.#socket.once('close', onClose);
    });
  }

  send(data: Uint8Array, to: Address | null, _timeout: number | null, done: SendCallback): void {
    if (to === null) {
      this.#socket.send(data, done);
      return;
    }
    const [host, port] = to as InetAddress;
    const address = host === '' ? this.#loopback : host;
    if (versionOf(address) !== 0) {
      this.#send(data, port, address, done);
      return;
    }
    // Not left to dgram: a send that still looks for its name when the socket is closed would never be called back.
    lookup(address, this.#version, (error, found) => {
      if (error !== null) done(error);
      else if (this.#isClosed) done(closedError('sendto'));
      else this.#send(data, port, found, done);
    });
  }

  #send(data: Uint8Array, port: number, address: string, done: SendCallback): void {
    try {
      this.#socket.send(data, port, address, done);
    } catch (error) {
      done(error);
    }
  }

  get #loopback(): string {
    return this.#version === 6 ? '::1' : '127.0.0.1';
  }

  setBroadcast(isOn: boolean): void {
    this.#socket.setBroadcast(isOn);
  }

  setTTL(hops: number): void {
    this.#socket.setTTL(hops);
  }

  addMembership(group: string, ownAddress?: string): void {
    this.#socket.addMembership(group, ownAddress);
  }

  dropMembership(group: string, ownAddress?: string): void {
    this.#socket.dropMembership(group, ownAddress);
  }

  close(isSending = false): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // dgram hands over in the next tick, and forgets the callbacks of what it has not handed over when it is closed.
    if (!isSending) this.#socket.close();
    else process.nextTick(() => this.#socket.close());
  }
}

type LookupCallback = (error: Error | null, address: string, family: number) => void;

// Many datagrams go to one host, and need only one look at it.
let lastHost = '';
let lastVersion = 0;

/** 4 or 6 for an address in numbers, 0 for a name. */
function versionOf(host: string): number {
  if (host === lastHost) return lastVersion;
  lastHost = host;
  return (lastVersion = isIP(host));
}

/** Answers at once for an address in numbers: Node's own way goes through the resolver's threads for each datagram. */
function lookup(host: string, version: 4 | 6, callback: LookupCallback): void {
  const own = versionOf(host);
  if (own === version) callback(null, host, version);
  else if (own === 4) callback(null, `::ffff:${host}`, version);
  else if (own === 6) callback(otherFamily(host), '', version);
  else lookUpName(host, { family: version, hints: version === 6 ? V4MAPPED : 0 }, callback);
}

/** No public property has it; -1 where it is not where Node 20 to 26 keep it, and on Windows. */
function descriptorOf(socket: dgram.Socket): number {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const states = socket as unknown as Record<symbol, { handle?: { fd?: number } | null } | undefined>;
  return symbol === undefined ? -1 : (states[symbol]?.handle?.fd ?? -1);
}

function otherFamily(host: string): Error {
  return Object.assign(new Error(`${host} is an IPv6 address`), { code: 'EAFNOSUPPORT' });
}

function badPort(port: number): RangeError {
  const message = `the port should be >= 0 and < 65536; got ${port}`;
  return Object.assign(new RangeError(message), { code: 'ERR_SOCKET_BAD_PORT' });
}
