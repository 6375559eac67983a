import { expectNoLeaks, moment, until } from '@socketserver/testing';

import { LineTooLongError, ReadTooLongError, type Socket } from '../src';
import { serveOne } from './handlers';

expectNoLeaks();

/** All lines of an iteration. */
async function linesOf(rfile: AsyncIterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of rfile) lines.push(String(line));
  return lines;
}

describe('rfile.readline()', () => {
  it('gives lines with their ends, the last one also without, and then nothing', async () => {
    await using one = await serveOne(async ({ rfile }) => {
      const lines: string[] = [];
      for (let count = 0; count < 5; count += 1) lines.push(String(await rfile.readline()));
      return lines;
    });
    await one.peer.send('one\n\ntwo\r\nlast');
    one.peer.end();
    expect(await one.result).toEqual(['one\n', '\n', 'two\r\n', 'last', '']);
  });

  it('puts a line together that comes byte by byte', async () => {
    const line = `${'x'.repeat(300)}\n`;
    await using one = await serveOne(({ rfile }) => rfile.readline());
    for (const byte of line) await one.peer.send(byte);
    expect(String(await one.result)).toBe(line);
  });

  it('finds lines wherever the stream is cut', async () => {
    const text = 'a\nbb\n\nccc\n';
    for (let at = 1; at < text.length; at += 1) {
      await using one = await serveOne(({ rfile }) => linesOf(rfile));
      await one.peer.send(text.slice(0, at));
      await one.peer.send(text.slice(at));
      one.peer.end();
      expect(await one.result).toEqual(['a\n', 'bb\n', '\n', 'ccc\n']);
    }
  });

  it('gives at most `size` bytes, also when that is not a whole line', async () => {
    await using one = await serveOne(async ({ rfile }) => {
      const parts = [
        await rfile.readline(4),
        await rfile.readline(4),
        await rfile.readline(100),
        await rfile.readline(0),
      ];
      return parts.map(String);
    });
    await one.peer.send('sixsix\nnext\n');
    expect(await one.result).toEqual(['sixs', 'ix\n', 'next\n', '']);
  });

  it('takes a negative size for none, as Python does', async () => {
    await using one = await serveOne(async ({ rfile }) => String(await rfile.readline(-1)));
    await one.peer.send('hello\n');
    expect(await one.result).toBe('hello\n');
  });

  it('takes a line of exactly maxLineLength bytes, in whatever pieces it comes', async () => {
    for (const pieces of [['1234567\n'], ['12345678'.slice(0, 7), '\n'], ['1', '234567\n']]) {
      await using one = await serveOne(({ rfile }) => rfile.readline(), { maxLineLength: 8 });
      for (const piece of pieces) await one.peer.send(piece);
      expect(String(await one.result)).toBe('1234567\n');
    }
  });

  it('throws when a line is longer than maxLineLength, before its end has come', async () => {
    await using one = await serveOne(({ rfile }) => rfile.readline(), { maxLineLength: 8 });
    await one.peer.send('123456789');
    await expect(one.result).rejects.toThrow(LineTooLongError);
    await expect(one.result).rejects.toMatchObject({ code: 'ERR_LINE_TOO_LONG', limit: 8 });
  });

  it('does not take the first maxLineLength bytes of a longer line for a line', async () => {
    const reading = moment<Socket>();
    await using one = await serveOne(
      ({ rfile, connection }) => {
        reading.happen(connection);
        return rfile.readline();
      },
      { maxLineLength: 8 },
    );
    const connection = await reading;
    await one.peer.send('12345678');
    await until(() => connection.bytesRead === 8 && connection.buffered === 0);
    await one.peer.send('9\n');
    await expect(one.result).rejects.toThrow(LineTooLongError);
  });
});

describe('rfile.read()', () => {
  it('gives exactly `size` bytes, or fewer at the end', async () => {
    await using one = await serveOne(async ({ rfile }) => {
      const parts = [await rfile.read(5), await rfile.read(0), await rfile.read(100), await rfile.read(1)];
      return parts.map(String);
    });
    await one.peer.send('hel');
    await one.peer.send('lo wor');
    await one.peer.send('ld');
    one.peer.end();
    expect(await one.result).toEqual(['hello', '', ' world', '']);
  });

  it.each([undefined, -1])('gives everything to the end with a size of %p', async (size) => {
    await using one = await serveOne(async ({ rfile }) => String(await rfile.read(size)));
    await one.peer.send('all of');
    await one.peer.send(' it');
    one.peer.end();
    expect(await one.result).toBe('all of it');
  });

  it('throws when everything is more than maxReadLength, without waiting for the end', async () => {
    await using one = await serveOne(({ rfile }) => rfile.read(), { maxReadLength: 10 });
    await one.peer.send('12345678901');
    await expect(one.result).rejects.toThrow(ReadTooLongError);
    await expect(one.result).rejects.toMatchObject({ code: 'ERR_READ_TOO_LONG', limit: 10 });
  });

  it('takes exactly maxReadLength bytes', async () => {
    await using one = await serveOne(({ rfile }) => rfile.read(), { maxReadLength: 10 });
    await one.peer.send('1234567890');
    one.peer.end();
    expect(String(await one.result)).toBe('1234567890');
  });

  it('goes on where readline() ended', async () => {
    await using one = await serveOne(async ({ rfile }) => [
      String(await rfile.readline()),
      String(await rfile.read(3)),
      String(await rfile.readline()),
    ]);
    await one.peer.send('head\nabcdef\n');
    expect(await one.result).toEqual(['head\n', 'abc', 'def\n']);
  });
});

describe('an iteration over rfile', () => {
  it('gives every line, the last one also without its end', async () => {
    await using one = await serveOne(({ rfile }) => linesOf(rfile));
    await one.peer.send('one\ntwo\nlast');
    one.peer.end();
    expect(await one.result).toEqual(['one\n', 'two\n', 'last']);
  });

  it('can be left, and what is behind it is still there', async () => {
    await using one = await serveOne(async ({ rfile }) => {
      for await (const line of rfile) if (String(line) === '\n') break;
      return String(await rfile.read(4));
    });
    await one.peer.send('Host: here\n\nbody');
    expect(await one.result).toBe('body');
  });
});

describe('rbufsize', () => {
  it('of 0 reads no further than asked, so that the rest can be received from the connection', async () => {
    await using one = await serveOne(
      async ({ rfile, connection }) => [String(await rfile.readline()), String(await connection.recvExactly(4))],
      { rbufsize: 0 },
    );
    await one.peer.send('head\nbody');
    expect(await one.result).toEqual(['head\n', 'body']);
  });

  it('of n asks the socket for n bytes at a time', async () => {
    const asked: number[] = [];
    await using one = await serveOne(
      async ({ rfile, connection }) => {
        const recv = connection.recv.bind(connection);
        connection.recv = (n) => {
          asked.push(n);
          return recv(n);
        };
        return String(await rfile.readline());
      },
      { rbufsize: 16 },
    );
    await one.peer.send(`${'x'.repeat(40)}\n`);
    expect(await one.result).toHaveLength(41);
    expect(new Set(asked)).toEqual(new Set([16]));
  });
});
