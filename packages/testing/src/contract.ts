/// <reference types="jest" />
/**
 * What every server keeps to its users, whatever its strategy and its transport: one suite for all of them, with each
 * kind of handler.
 *
 * ```ts
 * contract('async over TCP', {
 *   transport: 'tcp',
 *   listen: (handler, options) => AsyncTCPServer.listen(['127.0.0.1', 0], handler, options),
 * });
 * ```
 *
 * ```
 *   contract.ts ──▶ one test for each promise × handler kind        common-promises.ts, stream-promises.ts,
 *                     └▶ ContractSubject.serve() ─▶ ContractServer   datagram-promises.ts
 * ```
 *
 * A promise that cannot be kept is skipped, and the title of the test says why.
 */
import type { BaseServer, DatagramRequest, RequestHandlerClass, ServerOptions, Socket } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import { commonPromises } from './common-promises';
import type { Client, StreamClient } from './contract-client';
import type { ContractPromise, Trait } from './contract-promise';
import { ContractSubject } from './contract-subject';
import { DatagramPeer } from './datagram-peer';
import { datagramPromises } from './datagram-promises';
import { TestingError } from './errors';
import { type HandlerKind, datagramHandlers, streamHandlers } from './handler-kinds';
import { expectNoLeaks } from './leaks';
import { Peer } from './peer';
import { streamPromises } from './stream-promises';

/** Makes a server of the strategy and transport under test, bound and active, each time at an address of its own. */
export type Listen<R> = (handler: RequestHandlerClass<R>, options?: ServerOptions) => Promise<BaseServer>;

/** Terms of every server. */
export interface CommonTerms {
  /** Promises that are not asked for, by their titles, and why. */
  readonly except?: Readonly<Record<string, string>>;
  /** Handler kinds that it is not asked with, by their names, and why. */
  readonly exceptKinds?: Readonly<Record<string, string>>;
  /** Whether handlers run in threads or processes of their own. @default false */
  readonly runsInWorkers?: boolean;
}

/** A server for connections. */
export interface StreamTerms extends CommonTerms {
  readonly transport: 'tcp' | 'unix';
  readonly listen: Listen<Socket>;
  /** How clients reach the server. @default Peer.connect */
  readonly connect?: (address: Address) => Promise<StreamClient>;
}

/** A server for datagrams. */
export interface DatagramTerms extends CommonTerms {
  readonly transport: 'udp' | 'unix-datagram';
  readonly listen: Listen<DatagramRequest>;
  /** How clients reach the server. @default DatagramPeer.connect */
  readonly connect?: (address: Address) => Promise<Client>;
}

/** What is put through the suite. An own transport names the one that it is most like, and how to connect. */
export type ContractTerms = StreamTerms | DatagramTerms;

const promises: readonly ContractPromise[] = [...commonPromises, ...streamPromises, ...datagramPromises];

/**
 * Registers the suite with Jest. Call it at the top of a test file.
 *
 * @throws {TestingError} when `except` names a promise that there is not
 */
export function contract(name: string, terms: ContractTerms): void {
  const isStream = terms.transport === 'tcp' || terms.transport === 'unix';
  const {
    listen,
    connect = isStream ? Peer.connect : DatagramPeer.connect,
    except = {},
    exceptKinds = {},
    runsInWorkers = false,
  } = terms;
  checkTitles(except);
  describe(`the contract: ${name}`, () => {
    expectNoLeaks('test');

    describe.each(isStream ? streamHandlers : datagramHandlers)('$kind', (handlerKind) => {
      const subject = new ContractSubject(handlerKind, listen, connect, runsInWorkers);
      const traits = traitsOf(terms.transport, handlerKind);
      for (const { title, needs = {}, keep } of promises) {
        const lacking = Object.entries(needs).find(([trait]) => !traits.has(trait as Trait));
        const reason = exceptKinds[handlerKind.kind] ?? except[title] ?? lacking?.[1];
        if (reason === undefined) it(title, () => keep(subject));
        else it.skip(`${title} (skipped: ${reason})`, () => undefined);
      }
    });
  });
}

function traitsOf(transport: ContractTerms['transport'], { knowsMessages }: HandlerKind): ReadonlySet<Trait> {
  const traits = new Set<Trait>();
  traits.add(transport === 'tcp' || transport === 'unix' ? 'stream' : 'datagram');
  if (transport === 'tcp') traits.add('reset');
  if (knowsMessages) traits.add('messages');
  return traits;
}

function checkTitles(except: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(except).find((title) => !promises.some((promise) => promise.title === title));
  if (unknown === undefined) return;
  throw new TestingError(`except: there is no promise '${unknown}'; take the title of a test`, 'ERR_NO_PROMISE');
}
