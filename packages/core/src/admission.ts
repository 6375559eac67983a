/**
 * Who comes in: the lists, and how many at a time.
 *
 * ```
 *   request ─▶ deny, allow ──▶ maxConnectionsPerAddress, maxConnections ──▶ verifyRequest ─▶ …
 *                  │ no                       │ no
 *                  ▼                          ▼
 *               refused              limit: closed, or the overflow handler
 * ```
 *
 * With the policy `queue`, `room` reaches 0 before anybody has to be turned away: the server stops accepting.
 */
import { isIPv6 } from 'node:net';

import { type Address, Socket } from '@socketserver/socket';

import type { Connection, Standing } from './connection';
import { descriptorBudget } from './descriptor-budget';
import type { ResolvedOptions } from './server-options';

/** Clients that are told at the same time that there are too many. */
const MOST_OVERFLOWING = 64;

export class Admission {
  readonly #options: ResolvedOptions;
  readonly #most: number;
  readonly #mostPerAddress: number;
  /** Whether there is nothing to decide. */
  readonly #isOpen: boolean;
  #admitted = 0;
  #overflowing = 0;
  /** How many run for each host. Empty without a limit for them. */
  readonly #byHost = new Map<string, number>();

  /** @param most requests at a time when the options do not say */
  constructor(options: ResolvedOptions, most: number) {
    this.#options = options;
    this.#most = options.maxConnections ?? most;
    this.#mostPerAddress = options.maxConnectionsPerAddress ?? Infinity;
    const hasLimit = this.#most !== Infinity || this.#mostPerAddress !== Infinity;
    this.#isOpen = !hasLimit && (options.allow ?? options.deny) === undefined;
  }

  /** How many more may be taken. Without a queue all are: somebody has to be there to turn them away. */
  get room(): number {
    if (this.#isOpen || this.#options.overflow !== 'queue') return Infinity;
    return Math.max(0, this.#most - this.#admitted);
  }

  /** Decides about a request that was taken, and counts it. */
  admit(connection: Connection): void {
    connection.standing = this.#isOpen ? 'admitted' : this.#standing(connection.clientAddress);
    if (connection.request instanceof Socket) descriptorBudget.took();
    if (connection.standing === 'overflow') this.#overflowing += 1;
    if (connection.standing !== 'admitted') return;
    this.#admitted += 1;
    if (this.#mostPerAddress !== Infinity) this.#count(connection.clientAddress, 1);
  }

  /** Counts that it has ended. */
  leave({ standing, request, clientAddress }: Connection): void {
    if (standing === 'elsewhere') return;
    if (request instanceof Socket) descriptorBudget.released();
    if (standing === 'overflow') this.#overflowing -= 1;
    if (standing !== 'admitted') return;
    this.#admitted -= 1;
    if (this.#mostPerAddress !== Infinity) this.#count(clientAddress, -1);
  }

  #standing(address: Address): Standing {
    const { allow, deny, overflow } = this.#options;
    if ((allow ?? deny) !== undefined && !this.#isListed(address)) return 'refused';
    const isFull = this.#admitted >= this.#most || this.#of(address) >= this.#mostPerAddress;
    if (!isFull) return 'admitted';
    return typeof overflow === 'function' && this.#overflowing < MOST_OVERFLOWING ? 'overflow' : 'limit';
  }

  #isListed(address: Address): boolean {
    if (typeof address === 'string') return true;
    const { allow, deny } = this.#options;
    const family = isIPv6(address[0]) ? 'ipv6' : 'ipv4';
    return deny?.check(address[0], family) !== true && allow?.check(address[0], family) !== false;
  }

  #of(address: Address): number {
    if (this.#mostPerAddress === Infinity || typeof address === 'string') return 0;
    return this.#byHost.get(hostOf(address[0])) ?? 0;
  }

  #count(address: Address, change: number): void {
    if (typeof address === 'string') return;
    const host = hostOf(address[0]);
    const count = (this.#byHost.get(host) ?? 0) + change;
    if (count === 0) this.#byHost.delete(host);
    else this.#byHost.set(host, count);
  }
}

/** An IPv4 client of a dual-stack listener is the same one as that of an IPv4 listener. */
function hostOf(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}
