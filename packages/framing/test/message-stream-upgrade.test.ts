import { fixedLength, lengthPrefix, lines, messages, raw, type MessageStream } from '@socketserver/framing';
import { singleBytes, splits } from './decode-chunks';
import { collect, ScriptedSource } from './scripted-source';

const bytesOf = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

describe('upgrading a stream of messages', () => {
  it('goes on with another codec in the bytes that are left, wherever they were split', async () => {
    const bytes = Buffer.from('BINARY\n\0\x05a\nb\nc\0\0');
    for (const [, chunks] of [...splits(bytes), [0, singleBytes(bytes)] as const]) {
      const stream: MessageStream<string> = messages(chunks, lines());
      expect(await stream.next()).toEqual({ done: false, value: 'BINARY' });
      const upgraded: MessageStream<Buffer> = stream.upgrade(lengthPrefix({ width: 2 }));
      expect((await collect(upgraded)).map(String)).toEqual(['a\nb\nc', '']);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    }
  });

  it('happens inside a loop, and leaving that does not close the source', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    let upgraded: MessageStream<Buffer> | undefined;
    const reading = (async () => {
      for await (const line of stream) {
        if (line !== 'BINARY') continue;
        upgraded = stream.upgrade(fixedLength(2));
        break;
      }
    })();
    source.give('x\nBINARY\nab');
    await reading;
    expect(await upgraded!.next()).toEqual({ done: false, value: Buffer.from('ab') });
    expect(source.asked).toEqual(['next']);
    await upgraded!.return();
    expect(source.asked).toEqual(['next', 'return']);
  });

  it('ends a loop that goes on', async () => {
    const stream = messages(bytesOf('BINARY\nabcd'), lines());
    const heard: unknown[] = [];
    let upgraded: MessageStream<Buffer> | undefined;
    for await (const line of stream) {
      heard.push(line);
      upgraded = stream.upgrade(raw());
    }
    for await (const rest of upgraded!) heard.push(String(rest));
    expect(heard).toEqual(['BINARY', 'abcd']);
  });

  it('gives a chunk that the old stream still waits for to the new one', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const waiting = [stream.next(), stream.next()];
    const upgraded = stream.upgrade(fixedLength(2));
    const first = upgraded.next();
    source.give('a\nb\n');
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await first).toEqual({ done: false, value: Buffer.from('a\n') });
    expect(await upgraded.next()).toEqual({ done: false, value: Buffer.from('b\n') });
    expect(source.asked).toEqual(['next']);
  });

  it('keeps such a chunk until the new one asks', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const waiting = stream.next();
    const upgraded = stream.upgrade(fixedLength(2));
    source.give('ab');
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await upgraded.next()).toEqual({ done: false, value: Buffer.from('ab') });
    expect(source.asked).toEqual(['next']);
  });

  it('gives an error that comes meanwhile to the new one', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const waiting = stream.next();
    const upgraded = stream.upgrade(raw());
    source.fail(new RangeError('broken'));
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(upgraded.next()).rejects.toThrow('broken');
  });

  it('is possible again and again, and at the end of the source', async () => {
    const stream = messages(bytesOf('1\n22', '333\n'), lines());
    expect((await stream.next()).value).toBe('1');
    const twos = stream.upgrade(fixedLength(2));
    expect(String((await twos.next()).value)).toBe('22');
    const again = twos.upgrade(lines());
    expect((await again.next()).value).toBe('333');
    expect((await again.next()).done).toBe(true);
    expect(await collect(again.upgrade(raw()))).toEqual([]);
  });

  it('does not open again what was left or has failed', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    await stream.return();
    expect(await collect(stream.upgrade(raw()))).toEqual([]);
    expect(source.asked).toEqual(['return']);
  });
});
