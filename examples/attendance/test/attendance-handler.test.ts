import { ManualClock } from '@socketserver/core';
import type { Address, Socket } from '@socketserver/socket';
import { type Peer, until } from '@socketserver/testing';

import { reply, RollServer, inOneThread } from './roll-server';

const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';
const registered = 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!';
const closed =
  "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['042191010']";
const error = /^Erro: .{10,}/;

describe.each(inOneThread)('the server, %s', (strategy) => {
  let clock: ManualClock;
  let server: RollServer;
  /** The server's ends of the connections, by the address of the other. */
  let ends: Map<string, Socket>;

  beforeEach(async () => {
    clock = new ManualClock(new Date(2026, 10, 19, 8, 5));
    server = await RollServer.open(strategy, { clock });
    ends = new Map();
    server.running.server.verifyRequest = (request: unknown, address: Address) => {
      ends.set(String(address), request as Socket);
      return true;
    };
  });

  afterEach(() => server.close());

  /** What a client gets that sends once and receives once, as the lecture notes' clients do. */
  async function ask(peer: Peer, request: string, expected: string): Promise<void> {
    await peer.send(request);
    expect(String(await peer.read(Buffer.byteLength(expected)))).toBe(expected);
    expect(peer.socket.readableLength).toBe(0);
  }

  /** Sends a first request, and lets a second pass when the server has all of it and waits for what follows. */
  async function silence(peer: Peer, request: string | Uint8Array): Promise<void> {
    await peer.send(request);
    const length = Buffer.byteLength(request);
    const isWaiting = (end?: Socket) => end?.bytesRead === length && end.buffered === 0 && end.receiving;
    await until(() => isWaiting(ends.get(String(peer.address))));
    clock.advance(1000);
  }

  it('prints as the lecture notes do: that it listens, who connects, and each reply', async () => {
    using peer = await server.connect();
    await ask(peer, '101,teacher', opened);
    const [host, port] = peer.address as [string, number];
    expect(server.printed).toBe(`Servidor está escutando...\nCliente conectado:  ('${host}', ${port})\n${opened}\n`);
  });

  it('serves both dialects on one connection', async () => {
    using peer = await server.connect();
    await ask(peer, '101,teacher', opened);
    await ask(peer, '042191010/101,student', registered);
    await ask(peer, '042191010/101,aluno', '101,19/11/2026,08:05');
    await ask(peer, '101/consultar,professor', "101,19/11/2026,08:05,['042191010']");
    await ask(peer, '101,teacher', closed);
    await ask(peer, '101/encerrar,professor', '0,19/11/2026,08:05,[]');
  });

  const conversation = '101,teacher042191010/101,student\r\n042191010/101,aluno101/consultar,professor\n101,teacher';
  const answers = `${opened}${registered}101,19/11/2026,08:05101,19/11/2026,08:05,['042191010']${closed}`;

  it('gives the same replies however the requests are cut', async () => {
    const bytes = Buffer.from(conversation);
    for (let at = 1; at < bytes.length; at += 1) {
      using peer = await server.connect();
      await peer.send(bytes.subarray(0, at));
      await peer.send(bytes.subarray(at));
      expect(await peer.end().readAll()).toBe(answers);
    }
  });

  it('gives the same replies to one byte at a time', async () => {
    using peer = await server.connect();
    for (const byte of conversation) {
      await peer.send(byte);
      await new Promise(setImmediate);
    }
    expect(await peer.end().readAll()).toBe(answers);
  });

  it.each(['x', '42,stud', '1,2/3,student', '101,Teacher', '101', '\0', 'olá', 'x'.repeat(2000), ','.repeat(100_000)])(
    'answers %j after a second of silence, and goes on with this connection and others',
    async (junk) => {
      using neighbour = await server.connect();
      await ask(neighbour, '101,teacher', opened);
      using peer = await server.connect();
      await silence(peer, junk);
      const text = await reply(peer, /(?:student|bytes)$/);
      expect(text).toMatch(error);
      await ask(peer, '042191010/101,student', registered);
      await ask(neighbour, '101,teacher', closed);
    },
  );

  it.each(['42,student', ',teacher', 'abc,teacher', '0,teacher', '1/2/3,student'])(
    'answers %j at once, because it is whole',
    async (request) => {
      using peer = await server.connect();
      await peer.send(request);
      expect(await reply(peer, /(?:student|algarismos)$/)).toMatch(error);
      await ask(peer, '101,teacher', opened);
    },
  );

  it('answers a line that is no request at its end, without waiting', async () => {
    using peer = await server.connect();
    await peer.send('hello\r\n101,teacher\r\n');
    expect(await reply(peer, /!$/)).toMatch(/^Erro: .*studentA chamada da turma 101/);
  });

  it('answers invalid UTF-8, and prints nothing of it', async () => {
    using peer = await server.connect();
    await silence(peer, Uint8Array.of(0xff, 0x1b, 0x5b, 0x32, 0x4a));
    expect(await reply(peer, /student$/)).toMatch(error);
    expect(server.printed).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('answers the rest of a client that ends in the middle', async () => {
    using peer = await server.connect();
    await peer.send('101,teacher101,teach');
    expect(await peer.end().readAll()).toMatch(/^A chamada .*!Erro: /);
  });

  it('does not mind a client that connects and leaves, resets, or goes away before its reply', async () => {
    using silent = await server.connect();
    silent.end();
    using resetting = await server.connect();
    await resetting.send('101,tea');
    resetting.reset();
    for (let round = 0; round < 20; round += 1) {
      using peer = await server.connect();
      await peer.send('102/iniciar,professor');
      peer.reset();
    }
    using peer = await server.connect();
    await ask(peer, '101,teacher', opened);
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('ends a connection that says nothing for half a day', async () => {
    using peer = await server.connect();
    await ask(peer, '101,teacher', opened);
    clock.advance(43_200_000 - 1);
    await ask(peer, '101,teacher', closed.replace("['042191010']", '[]').replace('08:05', '20:04'));
    clock.advance(43_200_000);
    expect(await peer.ending()).toBe('end');
  });
});
