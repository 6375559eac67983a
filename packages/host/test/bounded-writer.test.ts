import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { BoundedWriter } from '../src/bounded-writer';

/** A stream whose reader takes nothing until `resume()`. */
function stalled() {
  const waiting: (() => void)[] = [];
  const texts: string[] = [];
  let flowing = false;
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 16_384,
    write(chunk: string, _encoding, done) {
      texts.push(chunk);
      if (flowing) done();
      else waiting.push(done);
    },
  });
  const resume = () => {
    flowing = true;
    for (const done of waiting.splice(0)) done();
  };
  return { stream, texts, resume };
}

describe('BoundedWriter', () => {
  it('writes text as it is', () => {
    const stream = new PassThrough();
    new BoundedWriter(stream).write('olá\n');
    expect(String(stream.read())).toBe('olá\n');
  });

  it('drops and counts what comes after the limit, and reports it when the reader is back', async () => {
    const { stream, texts, resume } = stalled();
    const reports: number[] = [];
    const writer = new BoundedWriter(stream, { limit: 20_000, onDropped: (count) => reports.push(count) });
    const line = 'x'.repeat(9_999) + '\n';
    for (let i = 0; i < 5; i += 1) writer.write(line);
    expect(writer.dropped).toBe(3);
    expect(stream.writableLength).toBe(20_000);

    const drained = once(stream, 'drain');
    resume();
    await drained;
    expect(texts).toEqual([line, line]);
    expect(reports).toEqual([3]);
    writer.write('again\n');
    expect(texts.at(-1)).toBe('again\n');
  });

  it('says once that the reader has gone, and then writes nothing', () => {
    const { stream, texts } = stalled();
    let closed = 0;
    const writer = new BoundedWriter(stream, { onClosed: () => (closed += 1) });
    stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    stream.emit('close');
    writer.write('lost');
    expect(closed).toBe(1);
    expect(writer.closed).toBe(true);
    expect(texts).toEqual([]);
  });

  it('flushes when the reader has taken all', async () => {
    const { stream, texts, resume } = stalled();
    const writer = new BoundedWriter(stream);
    writer.write('last words\n');
    let flushed = false;
    const flushing = writer.flush().then(() => (flushed = true));
    await Promise.resolve();
    expect(flushed).toBe(false);
    resume();
    await flushing;
    expect(texts[0]).toBe('last words\n');
  });

  it('stops flushing when the reader stays away or goes', async () => {
    const { stream } = stalled();
    const writer = new BoundedWriter(stream);
    writer.write('unheard');
    await writer.flush(1);
    const flushing = writer.flush(60_000);
    stream.destroy();
    await flushing;
    expect(writer.closed).toBe(true);
  });

  it('leaves no listener behind but the one against a late EPIPE, however many writers there were', () => {
    const { stream } = stalled();
    for (let i = 0; i < 3; i += 1) new BoundedWriter(stream).release();
    expect(stream.listenerCount('error')).toBe(1);
    expect(stream.listenerCount('drain') + stream.listenerCount('close')).toBe(0);
  });
});
