import { once } from 'node:events';

import { BackOff } from '@socketserver/host';
import { Socket } from '@socketserver/socket';

import { Agent, type AgentEvent, type AgentOptions } from '../src/agent';
import type { Probe } from '../src/probe';
import { HubDouble, receive } from './hub-double';
import { WatchedClock } from './watched-clock';

const reading = { cpu: 0.5, memory: 50.4 };
const line = 'Hostname:pc-home    Carga de CPU:  0.5% Memória Disponível: 50.4%';

let clock: WatchedClock;
let hub: HubDouble;
let stopping: AbortController;
let running: Promise<void>;
let events: AgentEvent[];

/** Starts an agent whose clock is moved by hand and whose back-off is always one second. */
function start(options: Partial<AgentOptions> = {}): Agent {
  const agent = new Agent({
    address: hub.address,
    name: 'pc-home',
    probe: { read: () => Promise.resolve(reading) },
    clock,
    backOff: new BackOff(1000, 15_000, () => 0),
    onEvent: (event) => events.push(event),
    ...options,
  });
  running = agent.run(stopping.signal);
  return agent;
}

beforeEach(async () => {
  clock = new WatchedClock();
  hub = await HubDouble.open();
  stopping = new AbortController();
  running = Promise.resolve();
  events = [];
});

afterEach(async () => {
  stopping.abort();
  await running;
  await hub.close();
  expect(clock.pending).toBe(0);
});

describe('Agent', () => {
  it('sends one frame of 67 bytes when it connects and one every 3 seconds', async () => {
    start();
    const socket = await hub.accept();
    expect(await receive(socket)).toBe(line);
    for (let frames = 1; frames < 4; frames++) {
      await clock.waiting(3000);
      expect(socket.readableLength).toBe(0);
      clock.advance(3000);
      expect(await receive(socket)).toBe(line);
    }
    expect(events).toMatchObject([{ type: 'connected', localAddress: ['127.0.0.1', socket.remotePort] }]);
  });

  it('keeps to its schedule when readings are slow, and leaves out what it missed', async () => {
    const moments: number[] = [];
    const work = [40, 40, 7000, 40];
    const probe: Probe = {
      read: async () => {
        moments.push(clock.now());
        clock.advance(work[moments.length - 1] ?? 0);
        return reading;
      },
    };
    start({ probe });
    const socket = await hub.accept();
    for (const wait of [2960, 2960, 2000, 2960]) {
      await receive(socket);
      await clock.waiting(wait);
      clock.advance(wait);
    }
    await receive(socket);
    expect(moments).toEqual([0, 3000, 6000, 15_000, 18_000]);
  });

  it('reconnects, on the schedule of the new connection, when the hub ends the connection', async () => {
    start();
    const first = await hub.accept();
    await receive(first);
    await clock.waiting(3000);
    first.end();
    await clock.waiting(1000);
    clock.advance(1000);
    expect(await receive(await hub.accept())).toBe(line);
    await clock.waiting(3000);
    expect(events.map(({ type }) => type)).toEqual(['connected', 'lost', 'connected']);
    expect(events[1]).toMatchObject({ error: { code: 'ERR_MONITOR_SERVER_GONE' } });
  });

  it('reconnects when the hub resets the connection', async () => {
    start();
    const first = await hub.accept();
    await receive(first);
    first.resetAndDestroy();
    await clock.waiting(1000);
    expect(events[1]).toMatchObject({ type: 'lost', error: { code: 'ECONNRESET' } });
    clock.advance(1000);
    expect(await receive(await hub.accept())).toBe(line);
  });

  it('finds a hub again that was closed and opened again, and says so once', async () => {
    const { address } = hub;
    start();
    await receive(await hub.accept());
    await hub.close();
    for (let attempt = 0; attempt < 5; attempt++) {
      await clock.waiting(1000);
      clock.advance(1000);
    }
    await clock.waiting(1000);
    hub = await HubDouble.open(address[1]);
    clock.advance(1000);
    expect(await receive(await hub.accept())).toBe(line);
    expect(events.map(({ type }) => type)).toEqual(['connected', 'lost', 'connected']);
  });

  it('waits for a hub that is not there yet, and says so once', async () => {
    const { address } = hub;
    await hub.close();
    start();
    for (let attempt = 0; attempt < 3; attempt++) {
      await clock.waiting(1000);
      clock.advance(1000);
    }
    await clock.waiting(1000);
    hub = await HubDouble.open(address[1]);
    clock.advance(1000);
    await receive(await hub.accept());
    expect(events).toMatchObject([{ type: 'unreachable', error: { code: 'ECONNREFUSED' } }, { type: 'connected' }]);
  });

  it('keeps trying a name that is not known', async () => {
    start({ address: ['no-such-host.invalid', 5000] });
    await clock.waiting(1000);
    expect(events).toMatchObject([{ type: 'unreachable' }]);
    // Without a network the same name gives EAI_AGAIN.
    expect((events[0] as { error: { code: string } }).error.code).toMatch(/^(ENOTFOUND|EAI_)/);
  });

  it('waits longer after each failure, and shortly again after a connection that lasted', async () => {
    const { address } = hub;
    await hub.close();
    start({ backOff: new BackOff(1000, 15_000, () => 1) });
    for (const wait of [2000, 4000, 8000, 15_000]) {
      await clock.waiting(wait);
      clock.advance(wait);
    }
    await clock.waiting(15_000);
    hub = await HubDouble.open(address[1]);
    clock.advance(15_000);
    const socket = await hub.accept();
    await receive(socket);
    await clock.waiting(3000);
    clock.advance(3000);
    await receive(socket);
    await clock.waiting(3000);
    socket.destroy();
    await clock.waiting(2000);
  });

  it('stays with long waits when every connection is ended at once', async () => {
    start({ backOff: new BackOff(1000, 15_000, () => 1) });
    for (const wait of [2000, 4000, 8000, 15_000, 15_000]) {
      (await hub.accept()).destroy();
      await clock.waiting(wait);
      clock.advance(wait);
    }
    (await hub.accept()).destroy();
    await clock.waiting(15_000);
  });

  it('gives up a connection that takes no more bytes', async () => {
    const stalled = jest.spyOn(Socket.prototype, 'sendall').mockReturnValueOnce(new Promise(() => undefined));
    start({ timeout: 5000 });
    const socket = await hub.accept();
    await clock.waiting(5000);
    clock.advance(5000);
    socket.resume();
    await once(socket, 'end');
    await clock.waiting(1000);
    expect(events[1]).toMatchObject({ type: 'lost', error: { code: 'ERR_MONITOR_SEND_TIMEOUT', timeout: 5000 } });
    stalled.mockRestore();
    clock.advance(1000);
    expect(await receive(await hub.accept())).toBe(line);
  });

  it('throws away what a hub sends', async () => {
    start();
    const socket = await hub.accept();
    await receive(socket);
    await clock.waiting(3000);
    await new Promise((sent) => socket.write(Buffer.alloc(300_000, 'x'), sent));
    clock.advance(3000);
    expect(await receive(socket)).toBe(line);
    expect(events).toHaveLength(1);
  });

  it('leaves out readings that fail, and says so once', async () => {
    let readings = 0;
    const failing = new Set([2, 3]);
    const probe: Probe = {
      read: async () => {
        readings += 1;
        if (failing.has(readings)) throw new RangeError('no meter');
        return reading;
      },
    };
    start({ probe });
    const socket = await hub.accept();
    await receive(socket);
    for (let tick = 0; tick < 3; tick++) {
      await clock.waiting(3000);
      clock.advance(3000);
    }
    expect(await receive(socket)).toBe(line);
    expect(readings).toBe(4);
    expect(events).toMatchObject([{ type: 'connected' }, { type: 'probe-failed', error: { message: 'no meter' } }]);
  });

  it('ends its connection when it is stopped', async () => {
    start();
    const socket = await hub.accept();
    await receive(socket);
    stopping.abort();
    await running;
    const ended = once(socket, 'end');
    socket.resume();
    await ended;
    expect(events).toHaveLength(1);
  });

  it.each(['while it connects', 'while it waits'])('stops %s', async (when) => {
    await hub.close();
    start();
    if (when === 'while it waits') await clock.waiting(1000);
    stopping.abort();
    await running;
    hub = await HubDouble.open();
    expect(events.length).toBeLessThan(2);
  });

  it('does nothing when it is stopped before it begins', async () => {
    stopping.abort();
    start();
    await running;
    expect(hub.sockets).toHaveLength(0);
    expect(events).toEqual([]);
  });
});
