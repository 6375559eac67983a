import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';

import { Peer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, ManualClock, type Strategy, serverClass, strategies } from '../src';
import { DescriptorBudget, descriptorBudget } from '../src/descriptor-budget';
import { openFiles, openFilesLimit } from '../src/open-files';
import { Serving, Staying, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe('DescriptorBudget', () => {
  /** A budget of a system that the test plays. */
  function play(limit: number, open: number) {
    const system = { limit, open, looks: 0 };
    const budget = new DescriptorBudget({
      limit: () => system.limit,
      open: () => {
        system.looks += 1;
        return system.open;
      },
    });
    return { system, budget };
  }

  it.each([
    ['a tenth', 1000, 100],
    ['8 at least', 64, 8],
    ['256 at most', 1_000_000, 256],
  ])('keeps %s in reserve', (_what, limit, reserve) => {
    const { budget } = play(limit, 10);
    budget.recount();
    expect(budget.reserve).toBe(reserve);
  });

  it('counts down as connections come, and up as they go', () => {
    const { budget, system } = play(64, 20);
    expect(budget.room()).toBe(36);
    system.open += 40;
    for (let count = 0; count < 40; count += 1) budget.took();
    expect(budget.room()).toBe(0);
    expect(budget.open).toBe(60);
    system.open -= 10;
    for (let count = 0; count < 10; count += 1) budget.released();
    expect(budget.room()).toBe(6);
  });

  it('has room without end far below the limit, or without one, and does not look again', () => {
    for (const limit of [100_000, Infinity]) {
      const { budget, system } = play(limit, 20);
      for (let count = 0; count < 100; count += 1) {
        expect(budget.room()).toBe(Infinity);
        budget.took();
      }
      expect(system.looks).toBe(1);
    }
  });

  it('looks again when it is told to, and sees what else the program has opened', () => {
    const { budget, system } = play(64, 20);
    budget.room();
    Object.assign(system, { open: 50, limit: 80 });
    budget.recount();
    expect(budget.room()).toBe(22);
    expect(budget.limit).toBe(80);
  });

  it('has no room when nothing can be counted any more, and has it again afterwards', () => {
    const { budget, system } = play(64, Infinity);
    expect(budget.room()).toBe(0);
    budget.took();
    system.open = 20;
    budget.recount();
    expect(budget.room()).toBe(36);
  });
});

it('the system tells how many descriptors are open, and how many may be', () => {
  expect(openFiles()).toBeGreaterThan(2);
  expect(openFilesLimit()).toBeGreaterThan(openFiles());
});

it.each([
  ['EMFILE', Infinity],
  ['ENOENT', 0],
])('where they cannot be counted because of %s, it says %d', (code, open) => {
  const reading = jest.spyOn(fs, 'readdirSync').mockImplementation(() => {
    throw Object.assign(new Error(code), { code });
  });
  try {
    expect(openFiles()).toBe(open);
  } finally {
    reading.mockRestore();
  }
});

describe.each(strategies)('a server that runs short of descriptors: %s', (strategy) => {
  const before = process.env.SOCKETSERVER_ACCEPT_GATE;
  // Without the gate nothing keeps libuv from accepting.
  beforeAll(() => {
    process.env.SOCKETSERVER_ACCEPT_GATE = 'on';
  });
  afterAll(() => {
    if (before === undefined) delete process.env.SOCKETSERVER_ACCEPT_GATE;
    else process.env.SOCKETSERVER_ACCEPT_GATE = before;
  });

  it('says so once, tries again later and later, and serves who has waited when there are some', async () => {
    const clock = new ManualClock();
    const room = jest.spyOn(descriptorBudget, 'room').mockReturnValue(0);
    try {
      await using test = new Serving(await serverClass(strategy).listen(anywhere, Staying, { clock }));
      using peer = await test.connect();
      for (const delay of [100, 200, 400, 800, 1600, 2000, 2000]) {
        clock.advance(delay);
        await settle();
      }
      expect(test.events.starts).toEqual([]);
      expect(test.events.serverErrors).toMatchObject([{ error: { code: 'EMFILE', operation: 'accept' } }]);
      room.mockReturnValue(Infinity);
      clock.advance(2000);
      expect(String(await peer.read(2))).toBe('in');
      room.mockReturnValue(0);
      peer.end();
      await test.events.stopped(1);
      await test.events.failed(2);
    } finally {
      room.mockRestore();
    }
  });

  it('serves one that handleRequest() waits for, as soon as there are some', async () => {
    const clock = new ManualClock();
    const room = jest.spyOn(descriptorBudget, 'room').mockReturnValue(0);
    try {
      await using server = await serverClass(strategy).listen(anywhere, Staying, { clock });
      using peer = await Peer.connect(server.serverAddress);
      const handled = server.handleRequest();
      await settle();
      room.mockReturnValue(100);
      clock.advance(100);
      expect(String(await peer.read(2))).toBe('in');
      peer.end();
      await handled;
      await peer.ending();
    } finally {
      room.mockRestore();
    }
  });
});

/** A server in a process of its own that may have 64 descriptors open. */
class FewDescriptors {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';

  constructor(strategy: Strategy) {
    const program = join(__dirname, 'fixtures', 'few-descriptors.ts');
    const command = `ulimit -n 64; exec "${process.execPath}" -C @socketserver/source -r esbuild-register "${program}" ${strategy}`;
    const env = { ...process.env, SOCKETSERVER_ACCEPT_GATE: 'on' };
    this.#child = spawn('bash', ['-c', command], { env, timeout: 60_000, killSignal: 'SIGKILL' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#child.emit('output');
      });
    }
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
      await Promise.race([once(this.#child, 'output'), once(this.#child, 'close')]);
    }
  }

  async tell(line: string): Promise<void> {
    this.#child.stdin.write(`${line}\n`);
    await this.says(new RegExp(`^done ${line}$`, 'm'));
  }

  get failures(): number {
    return this.#output.split('failed EMFILE').length - 1;
  }

  async connect(count: number): Promise<Peer[]> {
    const port = Number((await this.says(/serving (\d+)/))[1]);
    return Promise.all(Array.from({ length: count }, () => Peer.connect(['127.0.0.1', port])));
  }

  async [Symbol.asyncDispose]() {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'close');
  }
}

/** What each of the clients reads: all of them stay until `until`, then leave as soon as they were served. */
function visit(peers: readonly Peer[], until: PromiseLike<void>): Promise<string[]> {
  return Promise.all(
    peers.map(async (peer) => {
      const text = String(await peer.read(2));
      await until;
      await peer.end().ending();
      peer[Symbol.dispose]();
      return text;
    }),
  );
}

describe.each(['async', 'selecting'] as const)('a process with 64 descriptors: %s', (strategy) => {
  it('lets the clients of a flood wait, closes none of them, and serves them all in the end', async () => {
    await using program = new FewDescriptors(strategy);
    const flood = await program.connect(200);
    const leave = moment();
    const texts = visit(flood, leave);
    await program.says(/failed EMFILE/);
    await program.tell('leave 64');
    expect(program.failures).toBe(1);
    leave.happen();
    expect(new Set(await texts)).toEqual(new Set(['in']));
    expect(await visit(await program.connect(5), leave)).toEqual(['in', 'in', 'in', 'in', 'in']);
  });

  it('sees what else the program has opened', async () => {
    await using program = new FewDescriptors(strategy);
    await program.says(/serving/);
    await program.tell('leave 14');
    const leave = moment();
    const texts = visit(await program.connect(100), leave);
    await program.says(/failed EMFILE/);
    leave.happen();
    expect(new Set(await texts)).toEqual(new Set(['in']));
  });
});

describe.each(strategies)('a program that has opened too many files: %s', (strategy) => {
  it('serves again once it has closed them', async () => {
    await using program = new FewDescriptors(strategy);
    await program.says(/serving/);
    await program.tell('leave 4');
    const leave = moment();
    leave.happen();
    const texts = visit(await program.connect(5), leave);
    await program.says(/failed EMFILE/);
    await program.tell('close');
    expect(new Set(await texts)).toEqual(new Set(['in']));
  });
});
