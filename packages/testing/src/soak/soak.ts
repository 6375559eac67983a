/**
 * Very many connections to a server in a process of its own, to see what is left of them there and in its workers.
 *
 * ```
 *   this process                                       the server's process            its threads or children
 *   visits ───────────── connections ─────────────────▶ SoakServer ─────────────────────▶ SoakEcho
 *   serve, rest, close ──── orders ───────────────────▶   …                                  │
 *          ◀─────────────── usage of its process ─────────┘                                  │
 *          ◀─────────────── usage, as an answer to a client ─────────────────────────────────┘
 * ```
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Strategy } from '@socketserver/core';

import { TestingError } from '../errors';
import { Peer } from '../peer';
import { USAGE_LENGTH } from './soak-echo';
import type { SoakAnswers, SoakOrder } from './soak-server';
import { visitAtOnce, visitShortly } from './soak-visits';
import type { Usage } from './usage';

/** The program, also when this file runs as TypeScript: its workers load compiled code. */
const PROGRAM = join(__dirname, '../../dist/soak/soak-server.js');

/** Milliseconds for one strategy. */
const LONGEST = 120_000;

/** Milliseconds in which what has ended has to be gone; children that are too many wait for ten seconds. */
const PATIENCE = 15_000;
const PAUSE = 100;

/** Characters of what it prints that are kept. */
const MOST_SAID = 10_000;

/** Connections before anything is counted. */
const FIRST = 200;

/** Parts of the short connections, after each of which there is a look at what is left. */
export const ROUNDS = 4;

/** How many connections there are to be. */
export interface SoakSize {
  /** One after the other, fifty at a time. */
  readonly short: number;
  /** All at the same time, afterwards. */
  readonly atOnce: number;
}

/** What is held by the server's process, and by each of its workers. */
export interface Look {
  readonly server: Usage;
  readonly workers: readonly Usage[];
}

/** What was seen. */
export interface Soaked extends SoakSize {
  readonly strategy: Strategy;
  /** Connections that were answered rightly. */
  readonly answered: number;
  /** Before the server listened; it has once before. */
  readonly before: Usage;
  /** While it serves and nobody is connected: before the first connection, after each round, after those at once. */
  readonly looks: readonly Look[];
  /** When it was closed. */
  readonly after: Usage;
  /** What it has printed as an error or a warning, its workers included: nothing, as a rule. */
  readonly said: string;
}

/** @throws {TestingError} `ERR_SOAK` when the server's process ends before it is told to */
export async function soak(strategy: Strategy, { short, atOnce }: SoakSize): Promise<Soaked> {
  await using program = new SoakProgram(strategy);
  // What Node opens with the first connections of a process is there before anything is counted.
  await visitShortly(await program.ask('serve'), FIRST);
  const before = await program.ask('close');

  const port = await program.ask('serve');
  // Nor are the first ones of a thread.
  await visitShortly(port, FIRST);
  const first = await look(program, port);
  const looks = [first];
  const inRound = Math.ceil(short / ROUNDS);
  let answered = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    answered += await visitShortly(port, inRound);
    looks.push(await look(program, port, first));
  }
  answered += await visitAtOnce(port, atOnce);
  looks.push(await look(program, port, first));
  const after = await closed(program, before);
  return { strategy, short: ROUNDS * inRound, atOnce, answered, before, looks, after, said: program.said };
}

/** @param first if given, looks until no more is open than there was then, or it is too late for that */
async function look(program: SoakProgram, port: number, first?: Look): Promise<Look> {
  for (const end = Date.now() + program.patience; ; await sleep(PAUSE)) {
    const isLast = first === undefined || Date.now() > end;
    const { usage: server, workers: count } = await program.ask('rest');
    // Workers that are too many end when they have nothing to do; an answer to us would be something.
    if (!isLast && count > first.workers.length) continue;
    const workers = await workersOf(port, count);
    if (first === undefined || isNoMoreAnywhere({ server, workers }, first)) return { server, workers };
    if (!isLast) continue;
    // What was waited for in vain once will not come the next time.
    program.patience = 0;
    return { server, workers };
  }
}

/** Closes, and looks until no more is open than there was before, or it is too late for that. */
async function closed(program: SoakProgram, before: Usage): Promise<Usage> {
  for (const end = Date.now() + program.patience; ; await sleep(PAUSE)) {
    const after = await program.ask('close');
    if (isNoMore(after, before) || Date.now() > end) return after;
  }
}

function isNoMoreAnywhere({ server, workers }: Look, first: Look): boolean {
  if (workers.length > first.workers.length || !isNoMore(server, first.server)) return false;
  return workers.every((worker) => isNoMore(worker, before(worker, first)));
}

/** The same worker in an earlier look; for one that has come since, any other: it has just as much to hold. */
export function before(worker: Usage, first: Look): Usage | undefined {
  return first.workers.find(({ name }) => name === worker.name) ?? first.workers[0];
}

function isNoMore(now: Usage, then: Usage | undefined): boolean {
  if (then === undefined) return false;
  return now.descriptors <= then.descriptors && now.threads <= then.threads && now.children <= then.children;
}

/** Asks each of so many workers. A new connection goes to the one with the fewest, so that they all stay until the end. */
async function workersOf(port: number, count: number): Promise<Usage[]> {
  const found = new Map<string, Usage>();
  const peers: Peer[] = [];
  while (found.size < count && peers.length < 4 * count) {
    const peer = await Peer.connect(['127.0.0.1', port]);
    peers.push(peer);
    await peer.send('usage\n');
    const answer = JSON.parse(String(await peer.read(USAGE_LENGTH))) as Usage;
    found.set(answer.name, answer);
  }
  for (const peer of peers) peer[Symbol.dispose]();
  return [...found.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** The server's process. */
class SoakProgram {
  readonly #child: ChildProcess;
  /** Rejects, with what it has said, unless it ends because of us: then Node tells of the exit alone. */
  readonly #ended: Promise<never>;
  readonly #exited: Promise<unknown>;
  #order: SoakOrder | null = null;

  /** Milliseconds to wait until nothing is left. */
  patience = PATIENCE;
  /** On its standard error, the beginning of it. */
  said = '';

  constructor(strategy: Strategy) {
    this.#child = fork(PROGRAM, [strategy], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (this.said.length < MOST_SAID) this.said += text;
    });
    this.#exited = once(this.#child, 'exit');
    this.#ended = once(this.#child, 'close').then(([code, signal]: (number | string | null)[]) => {
      const message = `the server has ended (${signal ?? code}) when it was to ${this.#order ?? 'wait'}: ${this.said}`;
      throw new TestingError(message, 'ERR_SOAK');
    });
    // Who asks, or waits for its end, hears of it.
    this.#ended.catch(() => undefined);
    this.#exited.catch(() => undefined);
  }

  async ask<O extends SoakOrder>(order: O): Promise<SoakAnswers[O]> {
    this.#order = order;
    const answer = new Promise<SoakAnswers[O]>((resolve) => void this.#child.once('message', resolve));
    // If that fails, it has ended.
    this.#child.send(order, () => undefined);
    return await Promise.race([answer, this.#ended]);
  }

  /** Ends it, and its children with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}
