import { BackOff } from '@socketserver/host';
import { expectNoLeaks, settled, until } from '@socketserver/testing';

import { type ConnectionEvent, StandingConnection } from '../../src/client/standing-connection';
import { receive, ServerDouble } from './server-double';
import { WaitingClock } from './waiting-clock';

expectNoLeaks();

const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';

let clock: WaitingClock;
let server: ServerDouble;
let stopping: AbortController;
let events: ConnectionEvent[];

beforeEach(async () => {
  clock = new WaitingClock();
  server = await ServerDouble.open();
  stopping = new AbortController();
  events = [];
});

afterEach(async () => {
  stopping.abort();
  await server.close();
  await settled();
  expect(clock.pending).toBe(0);
});

/** A connection whose back-off always takes the longest wait, and whose clock is moved by hand. */
function standing(attempts?: number): StandingConnection {
  return new StandingConnection({
    address: server.address,
    signal: stopping.signal,
    attempts,
    clock,
    backOff: new BackOff(1000, 15_000, () => 1),
    onEvent: (event) => events.push(event),
  });
}

/** Lets `ms` pass as soon as somebody waits for just as long. */
async function pass(ms: number): Promise<void> {
  await until(() => clock.awaits(ms));
  clock.advance(ms);
}

/** Stops the server, so that its port is free and nobody listens there. */
async function stopServer(): Promise<number> {
  await server.close();
  return server.address[1];
}

describe('StandingConnection', () => {
  it('connects when it is first needed, and says nothing when all is well', async () => {
    const connection = standing();
    expect(connection.isConnected).toBe(false);
    await connection.ready();
    expect(connection.isConnected).toBe(true);
    const socket = await server.accept();
    const answered = connection.request('101,teacher', false);
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(opened);
    expect(await answered).toEqual({ reply: opened, isRepeated: false });
    expect(events).toEqual([]);
  });

  it('keeps trying a server that is not there, waits longer each time, and says so once', async () => {
    const port = await stopServer();
    const ready = standing().ready();
    for (const wait of [2000, 4000, 8000, 15_000]) await pass(wait);
    await until(() => clock.awaits(15_000));
    server = await ServerDouble.open(port);
    await pass(15_000);
    await ready;
    expect(events).toMatchObject([{ type: 'unreachable', error: { code: 'ECONNREFUSED' } }, { type: 'restored' }]);
  });

  it('gives up after the attempts that it has', async () => {
    await stopServer();
    const connection = standing(3);
    const ready = connection.ready();
    const failure = expect(ready).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_GAVE_UP', attempts: 3 });
    await pass(2000);
    await pass(4000);
    await failure;
    expect(events.map(({ type }) => type)).toEqual(['unreachable', 'gave-up']);
    await expect(connection.request('101,teacher', true)).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_GAVE_UP' });
  });

  it('notices at once that the server ends while nobody asks, and connects again', async () => {
    const connection = standing();
    await connection.ready();
    (await server.accept()).end();
    await until(() => events.length === 1);
    expect(connection.isConnected).toBe(false);
    await pass(2000);
    const socket = await server.accept();
    await until(() => connection.isConnected);
    expect(events).toMatchObject([
      { type: 'lost', error: { code: 'ERR_ATTENDANCE_SERVER_GONE' } },
      { type: 'restored' },
    ]);
    const answered = connection.request('101,teacher', false);
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(opened);
    expect(await answered).toMatchObject({ isRepeated: false });
  });

  it('sends what is asked for while there is no connection as soon as there is one', async () => {
    const connection = standing();
    await connection.ready();
    (await server.accept()).end();
    await until(() => events.length === 1);
    const answered = connection.request('101,teacher', false);
    await pass(2000);
    const socket = await server.accept();
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(opened);
    expect(await answered).toEqual({ reply: opened, isRepeated: false });
  });

  it.each(['end', 'resetAndDestroy'] as const)(
    'sends a request again that can be repeated when the server answers it with %s()',
    async (how) => {
      const connection = standing();
      const answered = connection.request('042191010/101,student', true);
      const first = await server.accept();
      await receive(first);
      first[how]();
      await pass(2000);
      const second = await server.accept();
      expect(await receive(second)).toBe('042191010/101,student');
      second.write('Você já registrou sua presença nesta turma!');
      expect(await answered).toEqual({ reply: 'Você já registrou sua presença nesta turma!', isRepeated: true });
    },
  );

  it('never sends a request again that cannot be repeated', async () => {
    const connection = standing();
    const answered = connection.request('101,teacher', false);
    const first = await server.accept();
    await receive(first);
    first.end('A chamada da turma 1');
    await expect(answered).rejects.toMatchObject({
      code: 'ERR_ATTENDANCE_SERVER_GONE',
      partial: 'A chamada da turma 1',
    });
    expect(events.map(({ type }) => type)).toEqual(['lost']);
    await pass(2000);
    const second = await server.accept();
    await until(() => connection.isConnected);
    const later = connection.request('102,teacher', false);
    expect(await receive(second)).toBe('102,teacher');
    second.write(opened);
    await later;
  });

  it.each([true, false])(
    'refuses a second request at once, and goes on with the first, if isRepeatable is %s',
    async (isRepeatable) => {
      const connection = standing();
      const answered = connection.request('101,teacher', false);
      const socket = await server.accept();
      expect(await receive(socket)).toBe('101,teacher');
      await expect(connection.request('102,teacher', isRepeatable)).rejects.toMatchObject({
        code: 'ERR_ATTENDANCE_REQUEST_PENDING',
      });
      socket.write(opened);
      expect(await answered).toEqual({ reply: opened, isRepeated: false });
      expect(socket.readableLength).toBe(0);
      expect(events).toEqual([]);
    },
  );

  it('does not send a request again that the server did not answer in time', async () => {
    const connection = standing();
    const answered = connection.request('042191010/101,student', true);
    await receive(await server.accept());
    clock.advance(10_000);
    await expect(answered).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_REPLY_TIMEOUT' });
    expect(events).toMatchObject([{ type: 'lost', error: { code: 'ERR_ATTENDANCE_REPLY_TIMEOUT' } }]);
  });

  it('gives up a server that takes every connection and answers nothing', async () => {
    const answered = standing(3).request('042191010/101,student', true);
    const failure = expect(answered).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_GAVE_UP' });
    for (const wait of [2000, 4000, 0]) {
      const socket = await server.accept();
      await receive(socket);
      socket.end();
      if (wait > 0) await pass(wait);
    }
    await failure;
    expect(events.map(({ type }) => type)).toEqual(['lost', 'restored', 'lost', 'restored', 'lost', 'gave-up']);
  });

  it('waits shortly again after a reply', async () => {
    const connection = standing(3);
    for (let round = 0; round < 4; round += 1) {
      const answered = connection.request('101,teacher', false);
      const socket = await server.accept();
      await receive(socket);
      socket.end(opened);
      await answered;
      await pass(2000);
    }
    await connection.ready();
  });

  it('closes its connection when it is stopped, and says nothing', async () => {
    const connection = standing();
    const answered = connection.request('101,teacher', true);
    const socket = await server.accept();
    await receive(socket);
    stopping.abort();
    await expect(answered).rejects.toMatchObject({ name: 'AbortError' });
    expect(await receive(socket)).toBe('');
    expect(events).toEqual([]);
    await expect(connection.ready()).rejects.toBeDefined();
  });

  it('stops waiting for a server that is not there when it is stopped', async () => {
    await stopServer();
    const ready = standing().ready();
    await until(() => clock.awaits(2000));
    stopping.abort();
    await expect(ready).rejects.toMatchObject({ name: 'AbortError' });
  });
});
