import { ManualClock } from '@socketserver/socket';
import { expectNoLeaks, settled, until } from '@socketserver/testing';

import { AttendanceClient, type AttendanceClientOptions } from '../../src/client/attendance-client';
import { ReplyReader } from '../../src/client/reply-reader';
import { receive, ServerDouble } from './server-double';

expectNoLeaks();

const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';
const closed =
  "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['042191010']";

let clock: ManualClock;
let server: ServerDouble;

beforeEach(async () => {
  clock = new ManualClock();
  server = await ServerDouble.open();
});

afterEach(async () => {
  await server.close();
  expect(clock.pending).toBe(0);
});

/** A client whose clock is moved by hand, and its server's end of the connection. */
async function connected(options: AttendanceClientOptions = {}) {
  const [client, socket] = await Promise.all([
    AttendanceClient.connect(server.address, { clock, ...options }),
    server.accept(),
  ]);
  return { client, socket };
}

/** Resolves when the client has been given `length` bytes of a reply. */
function taken(length: number): Promise<void> {
  return until(() => bytesTaken === length);
}

let bytesTaken = 0;
beforeEach(() => {
  bytesTaken = 0;
  const push = ReplyReader.prototype.push;
  jest.spyOn(ReplyReader.prototype, 'push').mockImplementation(function (this: ReplyReader, bytes) {
    bytesTaken += bytes.length;
    return push.call(this, bytes);
  });
});
afterEach(() => jest.restoreAllMocks());

describe('AttendanceClient', () => {
  it('sends each request as it is, and resolves with its reply', async () => {
    const { client, socket } = await connected();
    await using _ = client;
    for (const [request, reply] of [
      ['101,teacher', opened],
      ['042191010/101,student', 'Você já registrou sua presença nesta turma!'],
      ['101,teacher', closed],
      ['101/encerrar,professor', "101,19/11/2026,08:05,['042191010']"],
    ] as const) {
      const answered = client.request(request);
      expect(await receive(socket)).toBe(request);
      socket.write(reply);
      expect(await answered).toBe(reply);
    }
  });

  it.each([opened, closed])('waits for the end of %j when it comes byte by byte and slowly', async (reply) => {
    const { client, socket } = await connected();
    await using _ = client;
    const answered = client.request('101,teacher');
    const bytes = Buffer.from(reply);
    for (let at = 0; at < bytes.length; at += 1) {
      if (at > 0) clock.advance(9999 / bytes.length);
      socket.write(bytes.subarray(at, at + 1));
      await taken(at + 1);
    }
    expect(await answered).toBe(reply);
  });

  it('takes any other text for whole when nothing has come for 300 ms', async () => {
    const { client, socket } = await connected();
    await using _ = client;
    const over = jest.fn();
    const answered = client.request('x,teacher');
    void answered.then(over);
    socket.write('Erro: o número ');
    await taken(16);
    clock.advance(299);
    socket.write('da turma\r\n');
    await taken(26);
    clock.advance(299);
    await settled();
    expect(over).not.toHaveBeenCalled();
    clock.advance(1);
    expect(await answered).toBe('Erro: o número da turma');
  });

  it('takes any other text for whole when the server ends', async () => {
    const { client, socket } = await connected();
    await using _ = client;
    const answered = client.request('x,teacher');
    await receive(socket);
    socket.end('Fora do ar.');
    expect(await answered).toBe('Fora do ar.');
    expect(await client.ended).toMatchObject({ code: 'ERR_ATTENDANCE_SERVER_GONE' });
  });

  it('throws away what comes when nobody asks', async () => {
    const { client, socket } = await connected();
    await using _ = client;
    const first = client.request('101,teacher');
    socket.write(`${opened}`);
    await first;
    socket.write('Boa noite!'.repeat(20_000));
    await until(() => socket.writableLength === 0);
    await settled();
    const second = client.request('101,teacher');
    await receive(socket);
    socket.write(closed);
    expect(await second).toContain('encerrada');
  });

  it('refuses a second request while the reply to the first is to come', async () => {
    const { client, socket } = await connected();
    await using _ = client;
    const first = client.request('101,teacher');
    await expect(client.request('102,teacher')).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_REQUEST_PENDING' });
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(opened);
    expect(await first).toBe(opened);
  });

  it.each([0, 1, 20, 70, 115])('rejects when the server ends after %d bytes of a reply', async (length) => {
    const { client, socket } = await connected();
    const answered = client.request('101,teacher');
    await receive(socket);
    const part = Buffer.from(closed).subarray(0, length);
    socket.end(part);
    await expect(answered).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_SERVER_GONE', partial: String(part).trim() });
    await expect(client.request('101,teacher')).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_SERVER_GONE' });
  });

  it('rejects when the server resets the connection', async () => {
    const { client, socket } = await connected();
    const answered = client.request('101,teacher');
    await receive(socket);
    socket.resetAndDestroy();
    await expect(answered).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await client.ended).toMatchObject({ code: 'ECONNRESET' });
  });

  it('notices the end of a server while nobody asks', async () => {
    const { client, socket } = await connected();
    socket.end();
    expect(await client.ended).toMatchObject({ code: 'ERR_ATTENDANCE_SERVER_GONE', partial: '' });
    await expect(client.request('101,teacher')).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_SERVER_GONE' });
  });

  it.each([
    ['nothing', ''],
    ['half a reply', 'A chamada da turma'],
  ])('gives up a server that says %s for 10 s, and closes the connection', async (_what, part) => {
    const { client, socket } = await connected();
    const answered = client.request('101,teacher');
    await receive(socket);
    socket.write(part);
    await taken(part.length);
    clock.advance(10_000);
    const error = { code: 'ERR_ATTENDANCE_REPLY_TIMEOUT', timeout: 10_000, partial: part };
    await expect(answered).rejects.toMatchObject(error);
    expect(await client.ended).toMatchObject(error);
    expect(await receive(socket)).toBe('');
  });

  it('gives up a reply that drips without end', async () => {
    const { client, socket } = await connected();
    const answered = client.request('x,teacher');
    let isOver = false;
    void answered.catch(() => (isOver = true));
    for (let sent = 0; !isOver; sent += 1) {
      socket.write('x');
      await until(() => isOver || bytesTaken > sent);
      clock.advance(299);
      await settled();
    }
    await expect(answered).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_REPLY_TIMEOUT' });
  });

  it.each([
    ['text', 'x'],
    [
      'a list',
      "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['",
    ],
  ])('gives up %s that floods without end', async (_what, beginning) => {
    const { client, socket } = await connected();
    const answered = client.request('101,teacher');
    const flood = setInterval(() => socket.write(Buffer.alloc(65_536, 'x')));
    socket.write(beginning);
    await expect(answered).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_REPLY_LENGTH', limit: 1_048_576 });
    clearInterval(flood);
  });

  it('gives up the reply when it is closed', async () => {
    const { client, socket } = await connected();
    const answered = client.request('101,teacher');
    await receive(socket);
    client.close();
    client.close();
    await expect(answered).rejects.toMatchObject({ code: 'EBADF' });
    await expect(client.request('101,teacher')).rejects.toMatchObject({ code: 'EBADF' });
    expect(await receive(socket)).toBe('');
  });

  it('rejects when nobody listens, or connecting is aborted', async () => {
    await expect(AttendanceClient.connect(await ServerDouble.nobody())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const aborted = AttendanceClient.connect(server.address, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORT_ERR' });
  });
});
