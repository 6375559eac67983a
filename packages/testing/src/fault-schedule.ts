/**
 * What can happen to a server from outside, by chance: a list of steps that its seed brings back.
 *
 * ```
 *   seed ──▶ faultSchedule() ──▶ steps ──▶ runFaults() ──▶ what was wrong
 * ```
 */
import { Random } from './random';

/** What one peer does. */
export type PeerStep =
  | { readonly does: 'connect' | 'stall' | 'read on' | 'half-close' | 'reset'; readonly peer: number }
  /** Parts that leave one by one, or all together in one write. */
  | { readonly does: 'send'; readonly peer: number; readonly parts: readonly Buffer[]; readonly together: boolean };

/** What happens to the server, or nothing for some turns of the event loop. */
export type ServerStep =
  | { readonly does: 'shut down and serve again' | 'suspend' | 'resume' }
  | { readonly does: 'wait'; readonly turns: number };

export type FaultStep = PeerStep | ServerStep;

export interface FaultSchedule {
  readonly seed: number;
  /** How many connections the server may have; undefined: any number. */
  readonly maxConnections: number | undefined;
  readonly steps: readonly FaultStep[];
}

const STEPS = 60;
const PEERS = 8;

/** What a peer of a schedule has come to. */
interface PeerState {
  readonly peer: number;
  isStalled: boolean;
  hasEnded: boolean;
}

/** The schedule of a seed. */
export function faultSchedule(seed: number): FaultSchedule {
  const random = new Random(seed);
  const maxConnections = random.pick([undefined, undefined, 1, 3]);
  // After a shutdown less can be asked for: some schedules have none.
  const shutdowns = random.pick([0, 0.03]);
  const steps: FaultStep[] = [];
  let open: PeerState[] = [];
  let peers = 0;
  const connect = (): void => {
    open.push({ peer: peers, isStalled: false, hasEnded: false });
    steps.push({ does: 'connect', peer: peers++ });
  };
  connect();
  while (steps.length < STEPS) {
    if (random.chance(0.35)) steps.push({ does: 'wait', turns: random.int(1, 4) });
    const chance = random.next();
    const state = open.length === 0 ? undefined : random.pick(open);
    if (chance < 0.06) steps.push({ does: random.pick(['suspend', 'resume', 'resume']) });
    else if (chance < 0.06 + shutdowns) steps.push({ does: 'shut down and serve again' });
    else if (chance < 0.22 || state === undefined) {
      if (peers < PEERS) connect();
    } else if (chance < 0.27) {
      open = open.filter((other) => other !== state);
      steps.push({ does: 'reset', peer: state.peer });
    } else if (chance < 0.35) {
      steps.push({ does: state.isStalled ? 'read on' : 'stall', peer: state.peer });
      state.isStalled = !state.isStalled;
    } else if (chance < 0.42 && !state.hasEnded) {
      state.hasEnded = true;
      steps.push({ does: 'half-close', peer: state.peer });
    } else if (!state.hasEnded) {
      const data = someBytes(random);
      const parts = split(data, random);
      steps.push({ does: 'send', peer: state.peer, parts, together: random.chance(0.3) });
    } else if (open.every(({ hasEnded }) => hasEnded) && peers === PEERS) break;
  }
  return { seed, maxConnections, steps };
}

/** Mostly a few bytes, at times more than the buffers of a Unix socket hold. */
function someBytes(random: Random): Buffer {
  const size = random.chance(0.6)
    ? random.int(1, 60)
    : random.chance(0.8)
      ? random.int(61, 9000)
      : random.int(50_000, 250_000);
  const newlines = random.pick([0.01, 0.1, 0.5]);
  const bytes = Buffer.allocUnsafe(size);
  // No carriage return: before a newline it would be a part of the line's end, and not come back.
  for (let index = 0; index < size; index += 1) {
    const chance = random.next();
    const byte = Math.floor(chance * 65_536) & 0xff;
    bytes[index] = chance < newlines ? 0x0a : byte === 0x0d ? 0x0e : byte;
  }
  return bytes;
}

/** Whole, byte by byte, or in a few parts. */
function split(data: Buffer, random: Random): Buffer[] {
  if (random.chance(0.4)) return [data];
  if (data.length <= 60) return Array.from(data, (_, index) => data.subarray(index, index + 1));
  const parts: Buffer[] = [];
  for (let from = 0; from < data.length;) {
    const to = from + random.int(1, Math.ceil(data.length / 3));
    parts.push(data.subarray(from, to));
    from = to;
  }
  return parts;
}

/** A step in words. */
export function describeStep(step: FaultStep): string {
  if (step.does === 'wait') return `${step.turns} turns of the event loop`;
  if (!('peer' in step)) return `the server: ${step.does}`;
  if (step.does !== 'send') return `peer ${step.peer}: ${step.does}`;
  const length = step.parts.reduce((sum, part) => sum + part.length, 0);
  const how = step.parts.length === 1 ? '' : `, in ${step.parts.length} parts${step.together ? ' together' : ''}`;
  const bytes = length <= 60 ? ` ${JSON.stringify(Buffer.concat(step.parts).toString('latin1'))}` : '';
  return `peer ${step.peer}: send ${length} bytes${how}${bytes}`;
}
