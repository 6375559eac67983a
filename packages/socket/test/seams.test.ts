import type { ScheduledReader, WaitObserver } from '@socketserver/socket';
import { ManualClock } from '@socketserver/socket';
import { accepted, everyWay, isPending, manyTurns, noise, refusal, until, ways } from './loopback';

class Turns {
  readonly queue: ScheduledReader[] = [];
  ready(reader: ScheduledReader): void {
    this.queue.push(reader);
  }
  step(): void {
    this.queue.shift()!.deliver();
  }
}

describe.each(ways)(`a read scheduler (${everyWay})`, (way) => {
  it('decides when a waiting reader goes on, and hears of each wait once', async () => {
    const { socket, peer } = await accepted(way);
    const turns = new Turns();
    socket.scheduler = turns;
    const first = socket.recv(5);
    peer.write('hello');
    await until(() => turns.queue.length === 1);
    peer.write(' world');
    await manyTurns();
    expect(turns.queue).toEqual([socket]);
    expect(await isPending(first)).toBe(true);
    turns.step();
    expect(String(await first)).toBe('hello');

    const second = socket.recv(100);
    expect(await isPending(second)).toBe(true);
    await until(() => turns.queue.length === 1);
    turns.step();
    expect(String(await second)).toBe(' world');

    const end = socket.recv(100);
    peer.end();
    await until(() => turns.queue.length === 1);
    turns.step();
    expect(await end).toHaveLength(0);
  });

  it('keeps a flooding peer to two chunks beside its turn, and gets every byte', async () => {
    const { socket, peer } = await accepted(way);
    const turns = new Turns();
    socket.scheduler = turns;
    const bytes = noise(4 * 1024 * 1024);
    peer.end(bytes);
    const chunks: Buffer[] = [];
    for (;;) {
      const pending = socket.recv(65_536);
      await until(() => turns.queue.length === 1);
      expect(socket.buffered).toBeLessThanOrEqual(2 * 65_536);
      turns.step();
      const chunk = await pending;
      if (chunk.length === 0) break;
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('lets one chunk in beside the one that waits for its turn, however small they are', async () => {
    const { socket, peer } = await accepted(way);
    const turns = new Turns();
    socket.scheduler = turns;
    const pending = socket.recv(10);
    for (let i = 0; i < 5; i++) {
      peer.write(`message ${i}`);
      await manyTurns();
    }
    expect(socket.buffered).toBe(2 * 'message 0'.length);
    turns.step();
    await pending;
  });

  it('hears of a reset and of an end as well', async () => {
    const { socket, peer } = await accepted(way);
    const turns = new Turns();
    socket.scheduler = turns;
    const pending = refusal(socket.recv(10));
    peer.resetAndDestroy();
    await until(() => turns.queue.length === 1);
    turns.step();
    expect(await pending).toMatchObject({ code: 'ECONNRESET' });
  });

  it('may deliver to a socket that nobody reads any more', async () => {
    const { socket, peer } = await accepted(way);
    const turns = new Turns();
    socket.scheduler = turns;
    const pending = refusal(socket.recv(10));
    peer.write('x');
    await until(() => turns.queue.length === 1);
    socket.close();
    turns.step();
    expect(await pending).toMatchObject({ code: 'EBADF' });
  });
});

describe('a wait observer', () => {
  it('hears when a receive or a send begins and ends to wait, and of messages that come in parts', async () => {
    const { socket, peer } = await accepted();
    const heard: string[] = [];
    const observer: WaitObserver = {
      waits: (on) => heard.push(`waits ${on}`),
      resumes: () => heard.push('resumes'),
      partial: (isPartial) => heard.push(`partial ${isPartial}`),
    };
    socket.observer = observer;
    const message = socket.recvExactly(6);
    peer.write('abc');
    await until(() => heard.includes('partial true'));
    peer.write('def');
    await message;
    expect(heard.splice(0)).toEqual([
      'waits recv',
      'resumes',
      'partial true',
      'waits recv',
      'resumes',
      'partial false',
    ]);
    await socket.sendall('the kernel takes it at once');
    expect(heard.splice(0)).toEqual(['waits send', 'resumes']);
    const sending = socket.sendall(Buffer.alloc(32 * 1024 * 1024));
    expect(heard.splice(0)).toEqual(['waits send']);
    peer.resume();
    await sending;
    await until(() => heard.length > 0);
    expect(heard).toEqual(['resumes']);
  });

  it('hears that a receive waits no longer when it times out', async () => {
    const clock = new ManualClock();
    const { socket } = await accepted({ clock });
    const heard: string[] = [];
    socket.observer = { waits: () => heard.push('waits'), resumes: () => heard.push('resumes'), partial: () => {} };
    socket.settimeout(10);
    const pending = refusal(socket.recv(1));
    clock.advance(10);
    await pending;
    expect(heard).toEqual(['waits', 'resumes']);
  });
});
