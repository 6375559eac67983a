import fc from 'fast-check';
import {
  BlockingIOError,
  ConnectionResetError,
  IncompleteReadError,
  ManualClock,
  TimeoutError,
} from '@socketserver/socket';
import { accepted, addressOf, dial, everyWay, listening, noise, refusal, until, ways } from './loopback';

describe.each(ways)(`recvExactly (${everyWay})`, (way) => {
  it('gives the same messages however the bytes are cut', async () => {
    const listener = await listening(way);
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (cuts, messages) => {
        const bytes = noise(messages.reduce((sum, size) => sum + size, 0));
        const peer = await dial(addressOf(listener));
        const [socket] = await listener.accept();
        const sending = (async () => {
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const next = at + cuts[i % cuts.length]!;
            await new Promise((resolve) => peer.write(bytes.subarray(at, next), resolve));
            at = next;
          }
        })();
        const received: Buffer[] = [];
        for (const size of messages) received.push(await socket.recvExactly(size));
        await sending;
        expect(received.map((each) => each.length)).toEqual(messages);
        expect(Buffer.concat(received).equals(bytes)).toBe(true);
        socket.close();
        peer.destroy();
      }),
      { numRuns: 30 },
    );
  });

  it('gives what came when the stream ends too early', async () => {
    const { socket, peer } = await accepted(way);
    peer.end('half a');
    const error = await refusal(socket.recvExactly(67));
    expect(error).toBeInstanceOf(IncompleteReadError);
    expect(error).toMatchObject({ partial: Buffer.from('half a'), expected: 67 });
    expect(await refusal(socket.recvExactly(1))).toMatchObject({ partial: Buffer.alloc(0), expected: 1 });
    expect(await socket.recvExactly(0)).toHaveLength(0);
  });

  it('loses nothing when it times out half-way: the next receive begins with what had come', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ ...way, clock });
    socket.settimeout(1000);
    const pending = refusal(socket.recvExactly(10));
    peer.write('01234');
    await until(() => socket.bytesRead === 5 && clock.pending === 1);
    clock.advance(1000);
    expect(await pending).toBeInstanceOf(TimeoutError);
    expect(socket.buffered).toBe(5);
    peer.write('56789ab');
    expect(String(await socket.recvExactly(10))).toBe('0123456789');
    expect(String(await socket.recv(10))).toBe('ab');
  });

  it('loses nothing when the timeout is 0 either', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('01234');
    await until(() => socket.buffered === 5);
    socket.settimeout(0);
    expect(await refusal(socket.recvExactly(10))).toBeInstanceOf(BlockingIOError);
    expect(String(await socket.recv(10))).toBe('01234');
  });

  it('leaves what came before a reset to recv', async () => {
    const { socket, peer } = await accepted(way);
    const pending = refusal(socket.recvExactly(10));
    peer.write('01234');
    await until(() => socket.bytesRead === 5);
    peer.resetAndDestroy();
    expect(await pending).toBeInstanceOf(ConnectionResetError);
    expect(String(await socket.recv(10))).toBe('01234');
  });
});
