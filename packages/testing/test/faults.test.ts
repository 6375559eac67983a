import { AsyncTCPServer, BaseRequestHandler, type BaseServer, serverClass, strategies } from '@socketserver/core';

import {
  type FaultEcho,
  type FaultSubject,
  SocketFolder,
  TestingError,
  faultEchoes,
  faultSchedule,
  runFaults,
} from '../src';

const given = process.env.SOCKETSERVER_SEED;
/** Some that are always the same, and one that is new each time: a failure says which, and how to bring it back. */
const seeds = given === undefined ? [1, 2, 8, Math.floor(Math.random() * 2 ** 32)] : [Number(given)];

const schedules = seeds.map((seed) => faultSchedule(seed));

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const subjects = strategies.flatMap((strategy): Omit<FaultSubject, 'echo'>[] => [
  {
    name: `${strategy} over TCP`,
    listen: (handler, options): Promise<BaseServer> =>
      serverClass(strategy, 'tcp').listen(['127.0.0.1', 0], handler, options),
  },
  {
    name: `${strategy} over Unix sockets`,
    listen: (handler, options): Promise<BaseServer> =>
      serverClass(strategy, 'unix').listen(folder.path(), handler, options),
  },
]);

describe.each(subjects)('faults by chance: $name', (subject) => {
  describe.each(faultEchoes)('$name', (echo) => {
    it.each(schedules)('keeps bytes, order, reasons and count; seed $seed', (schedule) =>
      runFaults({ ...subject, echo }, schedule),
    );
  });
});

describe('runFaults()', () => {
  const listen: FaultSubject['listen'] = (handler, options) =>
    AsyncTCPServer.listen(['127.0.0.1', 0], handler, options);
  const [honest] = faultEchoes;

  /** What is said of an echo that does not keep to it. */
  async function complaintsOf(Handler: FaultEcho['Handler'], terms: Partial<FaultSubject> = {}): Promise<string> {
    const subject: FaultSubject = { name: 'a liar', listen, echo: { ...honest!, Handler }, ...terms };
    const error: unknown = await runFaults(subject, faultSchedule(1)).catch((reason: unknown) => reason);
    return error instanceof TestingError ? error.message : String(error);
  }

  it('finds bytes that are not those that were sent, and tells the seed and the steps', async () => {
    class Changing extends BaseRequestHandler {
      override async handle() {
        for (let chunk = await this.request.recv(100); chunk.length > 0; chunk = await this.request.recv(100)) {
          await this.request.sendall(chunk.map((byte) => (byte === 0x20 ? 0x21 : byte)));
        }
      }
    }
    const complaints = await complaintsOf(Changing);
    expect(complaints).toMatch(/peer \d+ got \d+ bytes that are not the first of those that it sent/);
    expect(complaints).toMatch(/SOCKETSERVER_SEED=1 brings this back/);
    expect(complaints).toMatch(/ 1\. peer 0: connect\n/);
  });

  it('finds bytes that are lost', async () => {
    class Forgetting extends BaseRequestHandler {
      override async handle() {
        const chunk = await this.request.recv(100);
        await this.request.sendall(chunk);
        while ((await this.request.recv(65_536)).length > 0);
      }
    }
    expect(await complaintsOf(Forgetting)).toMatch(/got \d+ of \d+ bytes, and had done nothing to lose the rest/);
  });

  it('finds an end that does not fit', async () => {
    class Leaving extends BaseRequestHandler {
      override async handle() {
        await this.request.recv(100);
      }
    }
    expect(await complaintsOf(Leaving)).toMatch(/ended by finished; it should be/);
  });

  it('finds an error of a handler, and a leak', async () => {
    const timers: NodeJS.Timeout[] = [];
    class Failing extends BaseRequestHandler {
      override handle() {
        timers.push(setTimeout(() => undefined, 100_000));
        throw new RangeError('on purpose');
      }
    }
    const complaints = await complaintsOf(Failing);
    timers.forEach(clearTimeout);
    expect(complaints).toMatch(/a handler threw RangeError: on purpose/);
    expect(complaints).toMatch(/left behind: \d+ timer/);
  });
});
