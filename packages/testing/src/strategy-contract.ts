/// <reference types="jest" />
import { type Strategy, type TCPServer, type Transport, type UDPServer, serverClass } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import { type CommonTerms, contract } from './contract';
import { DatagramPeer } from './datagram-peer';
import { SocketFolder } from './socket-folder';

/** Where handlers run in workers there is one of them, so that answers come in the order of the questions. */
const WORKERS = 1;

/**
 * Registers the suite for a strategy and a transport of this project's own, with the words for both as its name:
 * `forking over udp`. Call it at the top of a test file.
 *
 * @param terms what is not asked, and why
 */
export function strategyContract(
  strategy: Strategy,
  transport: Transport,
  terms: Pick<CommonTerms, 'except' | 'exceptKinds'> = {},
): void {
  const name = `${strategy} over ${transport}`;
  const common = { ...terms, runsInWorkers: strategy === 'threading' || strategy === 'forking' };
  if (transport === 'tcp' || transport === 'unix') {
    const Server: typeof TCPServer = serverClass(strategy, transport);
    const nextAddress = addresses(transport === 'unix');
    contract(name, {
      ...common,
      transport,
      listen: (handler, options) => Server.listen(nextAddress(), handler, { workers: WORKERS, ...options }),
    });
  } else if (transport === 'udp' || DatagramPeer.hasUnix) {
    const Server: typeof UDPServer = serverClass(strategy, transport);
    const nextAddress = addresses(transport === 'unix-datagram');
    contract(name, {
      ...common,
      transport,
      listen: (handler, options) => Server.listen(nextAddress(), handler, { workers: WORKERS, ...options }),
    });
  } else {
    describe(`the contract: ${name}`, () => {
      it.skip('can be asked (skipped: the optional package unix-dgram is not here)', () => undefined);
    });
  }
}

/** Gives an address of its own to each server of a test file. */
function addresses(hasPath: boolean): () => Address {
  if (!hasPath) return () => ['127.0.0.1', 0];
  const folder = new SocketFolder();
  afterAll(() => folder[Symbol.dispose]());
  return () => folder.path();
}
