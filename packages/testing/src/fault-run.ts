/**
 * Does to a server what a schedule says, and looks whether it kept its promises: every byte that comes back is the right
 * one, nothing is lost that nobody threw away, each connection begins and ends once and for a reason that fits, and
 * nothing is left.
 */
import {
  type Address,
  type BaseServer,
  type ConnectionStart,
  ManualClock,
  type RequestHandlerClass,
  type ServerOptions,
  type Socket,
  reasonOf,
} from '@socketserver/core';

import { TestingError } from './errors';
import type { FaultEcho } from './fault-echoes';
import { FaultPeer } from './fault-peer';
import { type FaultSchedule, type FaultStep, describeStep } from './fault-schedule';
import { LeakCheck } from './leaks';
import { RecordedEvents } from './recorded-events';
import { RunningServer } from './running-server';
import { settled } from './settled';

/** Milliseconds of the machine's time in which all peers must have come to their end. */
const PATIENCE = 10_000;
/** Milliseconds of the server's own time, which is moved by hand. */
const DRAIN = 1000;

/** What faults are tried on. */
export interface FaultSubject {
  readonly name: string;
  readonly echo: FaultEcho;
  readonly listen: (handler: RequestHandlerClass<Socket>, options: ServerOptions) => Promise<BaseServer>;
}

/** @throws {TestingError} `ERR_FAULTS` when something is wrong: its message has the seed, what is wrong, and all steps */
export async function runFaults(subject: FaultSubject, schedule: FaultSchedule): Promise<void> {
  using leaks = new LeakCheck();
  const run = await FaultRun.listen(subject, schedule);
  const complaints = await run.complaints();
  for (const leak of await leaks.leaks()) complaints.push(`left behind: ${leak}`);
  if (complaints.length === 0) return;
  const { seed, maxConnections = 'any number of' } = schedule;
  const steps = schedule.steps.map((step, index) => `${String(index + 1).padStart(4)}. ${describeStep(step)}`);
  const lines = [
    `${subject.name}, ${subject.echo.name}: SOCKETSERVER_SEED=${seed} brings this back`,
    ...complaints.map((complaint) => `  - ${complaint}`),
    `with ${maxConnections} connections at a time:`,
    ...steps,
  ];
  throw new TestingError(lines.join('\n'), 'ERR_FAULTS');
}

class FaultRun {
  readonly #clock: ManualClock;
  readonly #server: BaseServer;
  readonly #echo: FaultEcho;
  readonly #schedule: FaultSchedule;
  readonly #events: RecordedEvents;
  readonly #address: Address;
  readonly #peers: FaultPeer[] = [];
  readonly #complaints: string[] = [];
  #running: RunningServer<BaseServer>;
  #most = 0;

  private constructor(server: BaseServer, clock: ManualClock, echo: FaultEcho, schedule: FaultSchedule) {
    this.#server = server;
    this.#clock = clock;
    this.#echo = echo;
    this.#schedule = schedule;
    this.#address = server.serverAddress;
    this.#events = new RecordedEvents(server);
    server.handleError = (error) => this.#hear(error);
    server.verifyRequest = () => ((this.#most = Math.max(this.#most, server.activeConnections)), true);
    this.#running = new RunningServer(server);
  }

  static async listen({ echo, listen }: FaultSubject, schedule: FaultSchedule): Promise<FaultRun> {
    const clock = new ManualClock();
    const { maxConnections } = schedule;
    const server = await listen(echo.Handler as never, { clock, drainTimeout: DRAIN, maxConnections });
    return new FaultRun(server, clock, echo, schedule);
  }

  /** Runs to the end, and gives what was wrong. */
  async complaints(): Promise<string[]> {
    for (const step of this.#schedule.steps) await this.#do(step);
    await this.#end();
    this.#checkConnections();
    for (const peer of this.#peers) {
      this.#complaints.push(...peer.complaints(this.#echo));
      this.#checkReason(peer);
    }
    return this.#complaints;
  }

  async #do(step: FaultStep): Promise<void> {
    if (step.does === 'connect') this.#peers.push(await FaultPeer.connect(step.peer, this.#address));
    else if ('peer' in step) await this.#peers[step.peer]?.do(step);
    else if (step.does === 'wait') for (let turn = 0; turn < step.turns; turn += 1) await new Promise(setImmediate);
    else if (step.does === 'suspend') this.#server.suspend();
    else if (step.does === 'resume') this.#server.resume();
    else await this.#serveAgain();
  }

  async #serveAgain(): Promise<void> {
    // The connection of one that has vanished may still wait in the backlog.
    for (const peer of this.#peers) peer.sawShutdown ||= !peer.isGone || peer.hasReset;
    const report = this.#server.shutdown();
    await settled();
    this.#clock.advance(DRAIN);
    await report;
    await this.#running.done;
    if (this.#server.activeConnections > 0) this.#complaints.push('connections outlive shutdown()');
    this.#running = new RunningServer(this.#server);
  }

  /** Lets every peer come to its end, and then the server. */
  async #end(): Promise<void> {
    this.#server.resume();
    for (const peer of this.#peers) peer.finish();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([Promise.all(this.#peers.map(({ gone }) => gone)), late]);
    clearTimeout(timer);
    for (const peer of this.#peers.filter(({ isGone }) => !isGone)) {
      this.#complaints.push(`peer ${peer.number} has not come to its end after ${PATIENCE} ms`);
      peer.reset();
    }
    await settled();
    await this.#running[Symbol.asyncDispose]();
    this.#events[Symbol.dispose]();
  }

  #checkConnections(): void {
    const { starts, stops, serverErrors } = this.#events;
    const { maxConnections = Infinity } = this.#schedule;
    const started = idsOf(starts);
    const stopped = idsOf(stops);
    if (new Set(started).size < started.length) this.#complaints.push(`began twice: ${started.join(', ')}`);
    if (String(started) !== String(stopped)) {
      this.#complaints.push(`began: ${started.join(', ')}; but ended: ${stopped.join(', ')}`);
    }
    const least = this.#peers.filter(({ hasReset }) => !hasReset).length;
    if (starts.length < least || starts.length > this.#peers.length) {
      this.#complaints.push(`${this.#peers.length} peers, but ${starts.length} connections began`);
    }
    if (this.#most > maxConnections) this.#complaints.push(`there were ${this.#most} connections at a time`);
    const { activeConnections } = this.#server;
    if (activeConnections !== 0) this.#complaints.push(`${activeConnections} connections are said to be active`);
    for (const { error } of serverErrors) this.#complaints.push(`the server told of an error: ${String(error)}`);
  }

  /** Over a path no connection is known to be that of a certain peer: then it is enough that one of them fits. */
  #checkReason(peer: FaultPeer): void {
    const isPeers = ({ clientAddress: at }: ConnectionStart): boolean => at === '' || at[1] === peer.port;
    const reasons = this.#events.stops.filter(isPeers).map(({ reason }) => reason);
    const allowed = peer.reasons(this.#echo);
    if (reasons.length === 0 || reasons.some((reason) => allowed.has(reason))) return;
    this.#complaints.push(
      `peer ${peer.number} ended by ${reasons.join(' or ')}; it should be ${[...allowed].join(' or ')}`,
    );
  }

  /** An error of a handler is the doing of its peer, or else it is wrong. */
  #hear(error: unknown): void {
    if (!['reset', 'protocol-error'].includes(reasonOf(error)))
      this.#complaints.push(`a handler threw ${String(error)}`);
  }
}

function idsOf(connections: readonly ConnectionStart[]): number[] {
  return connections.map(({ id }) => id).sort((one, other) => one - other);
}
