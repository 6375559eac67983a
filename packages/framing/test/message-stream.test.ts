import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import {
  fixedLength,
  InvalidOptionError,
  lines,
  MalformedMessageError,
  messages,
  TruncatedMessageError,
} from '@socketserver/framing';
import { singleBytes, splits } from './decode-chunks';
import { collect, ScriptedSource } from './scripted-source';

const bytesOf = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

describe('the messages in a source', () => {
  it('are those of its bytes, wherever they are split', async () => {
    const bytes = Buffer.from('Hi\nOlá\r\n\nlast\n');
    const expected = ['Hi', 'Olá', '', 'last'];
    for (const [, chunks] of splits(bytes)) expect(await collect(messages(chunks, lines()))).toEqual(expected);
    expect(await collect(messages(singleBytes(bytes), lines()))).toEqual(expected);
  });

  it('may be none', async () => {
    expect(await collect(messages([], lines()))).toEqual([]);
  });

  it('come from any bytes, without a copy', async () => {
    const whole = Uint8Array.from([9, 1, 2, 3, 4, 9]);
    const [first, second] = await collect(messages([whole.subarray(1, 5)], fixedLength(2)));
    whole.fill(7);
    expect([first, second]).toEqual([Buffer.from([7, 7]), Buffer.from([7, 7])]);
    expect(first!.buffer).toBe(whole.buffer);
  });

  it('come from generators, file streams and sockets', async () => {
    const generator = (async function* () {
      yield* bytesOf('a\nb', '\n');
    })();
    expect(await collect(messages(generator, lines()))).toEqual(['a', 'b']);

    const folder = await mkdtemp(join(tmpdir(), 'messages-'));
    await writeFile(join(folder, 'file'), 'a\nb\n');
    const file = createReadStream(join(folder, 'file'), { highWaterMark: 1 });
    expect(await collect(messages(file, lines()))).toEqual(['a', 'b']);
    await rm(folder, { recursive: true });

    const server = net.createServer((peer) => peer.end('a\nb\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    expect(await collect(messages(socket, lines()))).toEqual(['a', 'b']);
    expect(socket.destroyed).toBe(true);
    await once(server.close(), 'close');
  });

  it('include the one that the end of the stream makes', async () => {
    expect(await collect(messages(bytesOf('a\nb'), lines({ lastLine: 'accept' })))).toEqual(['a', 'b']);
  });

  it('may be falsy values', async () => {
    const codec = fixedLength<number | null>(1, {
      parse: ([byte = 0]) => (byte === 0 ? null : byte),
      format: () => Buffer.alloc(1),
    });
    expect(await collect(messages([Buffer.from([0, 1, 0])], codec))).toEqual([null, 1, null]);
  });

  it('are asked of the source a chunk at a time, when none is left of the one before', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    expect(source.asked).toEqual([]);
    const first = stream.next();
    source.give('a\nb\nc');
    expect(await first).toEqual({ done: false, value: 'a' });
    expect(await stream.next()).toEqual({ done: false, value: 'b' });
    expect(source.asked).toEqual(['next']);
    const third = stream.next();
    expect(source.asked).toEqual(['next', 'next']);
    source.end();
    await expect(third).rejects.toThrow(TruncatedMessageError);
  });

  it('answer overlapping calls in their order', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const calls = Array.from({ length: 5 }, () => stream.next());
    expect(source.asked).toEqual(['next']);
    source.give('a\nb\n');
    // Even between the first answer and the second, whose message has come already.
    await calls[0];
    calls.push(stream.next());
    await new Promise(setImmediate);
    expect(source.asked).toEqual(['next', 'next']);
    source.give('c\n');
    await calls[2];
    await new Promise(setImmediate);
    source.end();
    const results = await Promise.all(calls);
    expect(results.map(({ done, value }) => (done === true ? 'over' : value))).toEqual([
      'a',
      'b',
      'c',
      'over',
      'over',
      'over',
    ]);
    expect(source.asked).toEqual(['next', 'next', 'next']);
  });
});

describe('leaving a stream of messages early', () => {
  it('closes the source once', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const reading = (async () => {
      for await (const message of stream) {
        expect(message).toBe('a');
        break;
      }
    })();
    source.give('a\nb\n');
    await reading;
    expect(source.asked).toEqual(['next', 'return']);
    await stream.return();
    await stream[Symbol.asyncDispose]();
    expect(source.asked).toEqual(['next', 'return']);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(String(stream.rest())).toBe('b\n');
  });

  it('closes it before anything was read', async () => {
    const source = new ScriptedSource();
    await messages(source, lines()).return();
    expect(source.asked).toEqual(['return']);
  });

  it('does not close a source that has ended', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const result = stream.next();
    source.end();
    expect((await result).done).toBe(true);
    await stream.return();
    expect(source.asked).toEqual(['next']);
  });

  it('takes a source that cannot be closed', async () => {
    for await (const message of messages(bytesOf('a\n', 'b\n'), lines())) {
      expect(message).toBe('a');
      break;
    }
  });

  it('lets a socket live on when its iterator says so', async () => {
    const stream = new PassThrough();
    stream.write('a\nb\nc');
    for await (const message of messages(stream.iterator({ destroyOnReturn: false }), lines())) {
      expect(message).toBe('a');
      break;
    }
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });
});

describe('a stream of messages that fails', () => {
  it('rejects once with the error of the codec, closes the source, and is over', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines({ maxLength: 3 }));
    const first = stream.next();
    source.give('a\ntoo long\nb\n');
    expect(await first).toEqual({ done: false, value: 'a' });
    await expect(stream.next()).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG' });
    expect(source.asked).toEqual(['next', 'return']);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(String(stream.rest())).toBe('too long\nb\n');
  });

  it('rejects with the error of the codec, also when the source cannot be closed', async () => {
    const source = new ScriptedSource();
    source.return = () => Promise.reject(new RangeError('not now'));
    const result = messages(source, lines()).next();
    source.give(Buffer.from([0xff, 0x0a]));
    await expect(result).rejects.toThrow(MalformedMessageError);
  });

  it('rejects with the error of a source that cannot be closed when it is left', async () => {
    const source = new ScriptedSource();
    source.return = () => Promise.reject(new RangeError('not now'));
    await expect(messages(source, lines()).return()).rejects.toThrow('not now');
  });

  it('passes on the error of the source, and does not close it', async () => {
    const source = new ScriptedSource();
    const stream = messages(source, lines());
    const results = [stream.next(), stream.next()];
    source.fail(new RangeError('broken'));
    await expect(results[0]).rejects.toThrow('broken');
    expect(await results[1]).toEqual({ done: true, value: undefined });
    expect(source.asked).toEqual(['next']);
  });

  it('rejects at the end of the source inside a message', async () => {
    const stream = messages(bytesOf('a\nb'), lines());
    expect(await stream.next()).toEqual({ done: false, value: 'a' });
    await expect(stream.next()).rejects.toThrow(TruncatedMessageError);
  });

  it('refuses a source of text', async () => {
    const source = Readable.from(['a\n']) as AsyncIterable<Uint8Array>;
    const failing = collect(messages(source, lines()));
    await expect(failing).rejects.toThrow(InvalidOptionError);
    await expect(failing).rejects.toThrow("messages: the source gave 'a\\n' instead of bytes");
    expect((source as unknown as Readable).destroyed).toBe(true);
  });
});

describe('the rest of a stream of messages', () => {
  it('is what has come and is not decoded', async () => {
    const stream = messages(bytesOf('GET\nbo', 'dy'), lines());
    expect((await stream.next()).value).toBe('GET');
    expect(String(stream.rest())).toBe('bo');
    expect(String(stream.rest())).toBe('');
  });
});
