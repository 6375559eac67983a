import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { writeCsv } from '../src/csv';

const HEADER = ['class', 'student'];

async function csvOf(rows: Iterable<string[]>, separator: ',' | ';' = ','): Promise<string> {
  const output = new PassThrough();
  const whole = text(output);
  await writeCsv(rows, HEADER, separator, output);
  expect(output.writableEnded).toBe(false);
  output.end();
  return whole;
}

describe('writeCsv()', () => {
  it('writes a header and a line for each row', async () => {
    expect(
      await csvOf([
        ['101', '042'],
        ['102', ''],
      ]),
    ).toBe('class,student\n101,042\n102,\n');
  });

  it('writes the header of no rows', async () => {
    expect(await csvOf([])).toBe('class,student\n');
  });

  it('separates by what it is told, and quotes what contains it', async () => {
    expect(await csvOf([['1;2', 'a,b']], ';')).toBe('class;student\n"1;2";a,b\n');
    expect(await csvOf([['1;2', 'say "a"\nb']])).toBe('class,student\n1;2,"say ""a""\nb"\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'makes a text of what would be a formula: %j',
    async (cell) => {
      const [, line] = (await csvOf([['101', cell]])).split('class,student\n');
      expect(line!.replaceAll('"', '')).toBe(`101,'${cell}\n`);
    },
  );

  it('reads no more rows than are taken', async () => {
    let read = 0;
    function* endless() {
      for (;;) yield ['101', String((read += 1))];
    }
    const output = new Writable({ highWaterMark: 100, write: () => undefined });
    const writing = writeCsv(endless(), HEADER, ',', output);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    const stalled = read;
    expect(stalled).toBeLessThan(10_000);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    expect(read).toBe(stalled);
    output.destroy(Object.assign(new TypeError('gone'), { code: 'EPIPE' }));
    await expect(writing).rejects.toMatchObject({ code: 'EPIPE' });
  });
});
