import { execFile } from 'node:child_process';
import * as net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type InetAddress, type ListenOptions, ManualClock, Socket } from '@socketserver/socket';
import { Listener } from '../src/listener';
import { addressOf, dial, keep, listening, manyTurns, refusal, socketDescriptors, until } from './loopback';

const onLinux = process.platform === 'linux' ? it : it.skip;

async function dialMany(count: number, address: InetAddress): Promise<net.Socket[]> {
  return Promise.all(Array.from({ length: count }, () => dial(address)));
}

/** How many connections this process has accepted, with `clients` and one listener beside them. */
function acceptedBeside(base: number, clients: number): number {
  return socketDescriptors() - base - clients;
}

describe('the closed gate', () => {
  it.each(['shared-buffer', 'data-events'] as const)(
    'leaves clients in the kernel until accept() (%s)',
    async (readPath) => {
      const listener = await listening({ readPath, acceptGate: true });
      expect(listener.gate.hasGate).toBe(true);
      const base = socketDescriptors();
      const clients = await dialMany(20, addressOf(listener));
      clients.forEach((client, i) => client.write(`client ${i}`));
      await manyTurns();
      expect(acceptedBeside(base, 20)).toBe(0);
      expect(listener.acceptNow()).toBeUndefined();

      for (let i = 1; i <= 20; i++) {
        const [socket, [, port]] = (await listener.accept()) as [Socket, [string, number]];
        keep(socket);
        if (i % 7 === 0) await manyTurns();
        expect(acceptedBeside(base, 20)).toBe(i);
        const index = clients.findIndex((client) => client.localPort === port);
        expect(String(await socket.recvExactly(`client ${index}`.length))).toBe(`client ${index}`);
      }
    },
  );

  it('lets one client in for a pending accept(), and not the others', async () => {
    const listener = await listening({ acceptGate: true });
    const base = socketDescriptors();
    const accepting = listener.accept();
    const clients = await dialMany(5, addressOf(listener));
    keep((await accepting)[0]);
    await manyTurns();
    expect(acceptedBeside(base, clients.length)).toBe(1);
  });

  it('lets one client in for each of several pending accept()s', async () => {
    const listener = await listening({ acceptGate: true });
    const base = socketDescriptors();
    const accepting = [listener.accept(), listener.accept(), listener.accept()];
    await dialMany(5, addressOf(listener));
    for (const [socket] of await Promise.all(accepting)) keep(socket);
    await manyTurns();
    expect(acceptedBeside(base, 5)).toBe(3);
  });

  it('is opened by resume() for as many as the backlog, and closed by suspend()', async () => {
    const listener = await listening({ acceptGate: true, backlog: 3 });
    const base = socketDescriptors();
    listener.gate.resume();
    const clients = [await dial(addressOf(listener)), await dial(addressOf(listener)), await dial(addressOf(listener))];
    await until(() => acceptedBeside(base, 3) === 3);
    clients.push(await dial(addressOf(listener)), await dial(addressOf(listener)));
    await manyTurns();
    expect(acceptedBeside(base, 5)).toBe(3);

    keep((await listener.accept())[0]); // Makes room for the fourth.
    await until(() => acceptedBeside(base, 5) === 4);
    await manyTurns();
    expect(acceptedBeside(base, 5)).toBe(4);

    listener.gate.suspend();
    for (let i = 0; i < 3; i++) keep(listener.acceptNow()![0]);
    await manyTurns();
    expect(listener.acceptNow()).toBeUndefined();
    expect(acceptedBeside(base, 5)).toBe(4);
    listener.gate.resume();
    await until(() => listener.readable);
    keep(listener.acceptNow()![0]);
  });

  it('lets in as many as there is room for, which may change at any time', async () => {
    const listener = await listening({ acceptGate: true });
    const base = socketDescriptors();
    listener.gate.resume(2);
    await dialMany(6, addressOf(listener));
    await until(() => acceptedBeside(base, 6) === 2);
    await manyTurns();
    expect(acceptedBeside(base, 6)).toBe(2);

    listener.gate.resume(3);
    await manyTurns();
    expect(acceptedBeside(base, 6)).toBe(3);
    listener.gate.resume(0);
    for (let i = 0; i < 3; i++) keep(listener.acceptNow()![0]);
    await manyTurns();
    expect(acceptedBeside(base, 6)).toBe(3);
    expect(listener.readable).toBe(false);

    const accepting = listener.accept(); // A closed gate is closed for whoever waits, too.
    await manyTurns();
    expect(acceptedBeside(base, 6)).toBe(3);
    listener.gate.resume();
    keep((await accepting)[0]);
    for (let i = 0; i < 2; i++) keep((await listener.accept())[0]);
  });

  it('never lets in more than there is room for, whoever takes them as they come', async () => {
    const listener = await listening({ acceptGate: true });
    const base = socketDescriptors();
    const taken: Socket[] = [];
    listener.watch(() => {
      for (let next = listener.acceptNow(); next !== undefined; next = listener.acceptNow()) taken.push(keep(next[0]));
      listener.gate.resume(4 - taken.length);
    });
    listener.gate.resume(4);
    await dialMany(10, addressOf(listener));
    await until(() => taken.length === 4);
    await manyTurns();
    expect(acceptedBeside(base, 10)).toBe(4);
  });

  onLinux('leaks nothing in 200 turns', async () => {
    const listener = await listening({ acceptGate: true });
    const base = socketDescriptors();
    for (let i = 0; i < 200; i++) {
      const client = await dial(addressOf(listener));
      const [socket] = await listener.accept();
      socket.close();
      client.destroy();
    }
    for (let i = 0; i < 200; i++) {
      listener.gate.resume();
      listener.gate.suspend();
    }
    await until(() => socketDescriptors() <= base);
    expect(socketDescriptors()).toBe(base);
    await dial(addressOf(listener));
    keep((await listener.accept())[0]);
  });

  it('is shut again when a pending accept() times out', async () => {
    const clock = new ManualClock();
    const listener = await listening({ acceptGate: true, clock });
    const base = socketDescriptors();
    listener.settimeout(1000);
    const accepting = refusal(listener.accept());
    clock.advance(1000);
    expect(await accepting).toMatchObject({ name: 'TimeoutError' });
    await dial(addressOf(listener));
    await manyTurns();
    expect(acceptedBeside(base, 1)).toBe(0);
  });

  onLinux('is tried again later when the process has no descriptor left, and says so', async () => {
    const fixture = join(__dirname, 'fixtures', 'out-of-descriptors.ts');
    const run = `ulimit -n 80; exec "$0" --require esbuild-register --conditions=@socketserver/source "$1"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', run, process.execPath, fixture], { cwd: __dirname });
    expect(JSON.parse(stdout)).toEqual({
      code: 'EMFILE',
      heard: ['EMFILE'],
      heardAgain: ['EMFILE', 'EMFILE'],
      greeting: 'welcome',
      timers: 0,
    });
  });
});

describe.each(['shared-buffer', 'data-events'] as const)('without a gate (%s)', (readPath) => {
  it('at most a backlog of connections wait; more are reset', async () => {
    const listener = await listening({ readPath, acceptGate: false });
    await listener.listen(3); // After bind(): the kernel's own queue stays long, so that all ten get through to ours.
    expect(listener.gate.hasGate).toBe(false);
    const fates: string[] = [];
    const clients = Array.from({ length: 10 }, () => {
      const client = keep(net.connect({ port: addressOf(listener)[1], host: '127.0.0.1', allowHalfOpen: true }));
      return client.on('error', ({ message }) => fates.push(message)).on('end', () => fates.push('end'));
    });
    await until(() => fates.length === 7);
    await manyTurns();
    expect(new Set(fates)).toEqual(new Set(['read ECONNRESET']));
    for (let i = 0; i < 3; i++) keep(listener.acceptNow()![0]);
    expect(listener.acceptNow()).toBeUndefined();
    expect(clients.filter((client) => !client.destroyed)).toHaveLength(3);

    await dial(addressOf(listener));
    keep((await listener.accept())[0]);
  });
});

describe('SOCKETSERVER_ACCEPT_GATE', () => {
  const before = process.env.SOCKETSERVER_ACCEPT_GATE;
  afterEach(() => {
    if (before === undefined) delete process.env.SOCKETSERVER_ACCEPT_GATE;
    else process.env.SOCKETSERVER_ACCEPT_GATE = before;
  });

  it.each([
    ['off', {}, false],
    [undefined, {}, true],
    ['off', { acceptGate: true }, true],
  ] as [string | undefined, ListenOptions, boolean][])('%s and %j: a gate is %s', async (asked, options, expected) => {
    if (asked === undefined) delete process.env.SOCKETSERVER_ACCEPT_GATE;
    else process.env.SOCKETSERVER_ACCEPT_GATE = asked;
    expect(keep(await Listener.open(['127.0.0.1', 0], options)).hasGate).toBe(expected);
  });
});
