import type { Decoder } from '@socketserver/framing';
import fc from 'fast-check';

import { requests } from '../src/codec';

function pull(decoder: Decoder<string>): string[] {
  const all: string[] = [];
  for (let text = decoder.next(); text !== undefined; text = decoder.next()) all.push(text);
  return all;
}

/** What comes out of the bytes as they are cut, and what silence then makes of the rest. */
function decode(chunks: readonly Buffer[]) {
  const decoder = requests.decoder();
  const read = chunks.flatMap((chunk) => {
    decoder.feed(chunk);
    return pull(decoder);
  });
  const { buffered } = decoder;
  decoder.lapse?.();
  return { read, buffered, given: pull(decoder), left: decoder.buffered };
}

function whole(text: string | Buffer) {
  return decode([Buffer.from(text as string)]);
}

/** One chunk for each byte. */
function bytes(text: string): Buffer[] {
  return Array.from(Buffer.from(text), (byte) => Buffer.of(byte));
}

describe('the requests of a stream', () => {
  it.each([
    ['101,teacher', ['101,teacher']],
    ['042191010/101,student', ['042191010/101,student']],
    ['101/iniciar,professor', ['101/iniciar,professor']],
    ['042191010/101,aluno', ['042191010/101,aluno']],
    [
      '101,teacher042191010/101,student101/encerrar,professor',
      ['101,teacher', '042191010/101,student', '101/encerrar,professor'],
    ],
    ['\r\n101,teacher\r\n\n102,teacher\n', ['101,teacher', '102,teacher']],
    [',teacher', [',teacher']],
    ['olá, professora', []],
  ])('%j: as whole, at every cut and byte by byte the same', (text, expected) => {
    const all = whole(text);
    expect(all.read).toEqual(expected);
    expect(decode(bytes(text))).toEqual(all);
    const buffer = Buffer.from(text);
    for (let at = 0; at <= buffer.length; at += 1) {
      expect(decode([buffer.subarray(0, at), buffer.subarray(at)])).toEqual(all);
    }
  });

  it.each([
    ['x', 'x'],
    ['42,student', undefined],
    ['1,2/3,student', '1,2/3,student'],
    ['101,Teacher', '101,Teacher'],
    ['101,teach', '101,teach'],
    ['101', '101'],
    ['101,teacherx', 'x'],
    [' ', ' '],
    ['\0', '\0'],
  ])('gives %j, or what is left of it, when silence ends it', (text, given) => {
    const { read, given: last, left } = whole(text);
    expect(last).toEqual(given === undefined ? [] : [given]);
    expect(left).toBe(0);
    expect(read.join('') + last.join('')).toBe(text);
  });

  it('ends by a line break, too', () => {
    expect(whole('x\n101\r\n1,2/3,student\n101,teacher\n').read).toEqual(['x', '101', '1,2/3,student', '101,teacher']);
  });

  it('begins anew after silence', () => {
    const decoder = requests.decoder();
    decoder.feed(Buffer.from('10'));
    expect(pull(decoder)).toEqual([]);
    decoder.lapse?.();
    expect(pull(decoder)).toEqual(['10']);
    decoder.feed(Buffer.from('1,teacher'));
    expect(pull(decoder)).toEqual(['1,teacher']);
  });

  it('answers what is left at the end of the stream', () => {
    const decoder = requests.decoder();
    decoder.feed(Buffer.from('101,teacher101,'));
    decoder.end();
    expect(pull(decoder)).toEqual(['101,teacher', '101,']);
    expect(pull(decoder)).toEqual([]);
  });

  it('takes 1024 bytes for a request, and not one more', () => {
    const longest = `${'1'.repeat(1024 - ',teacher'.length)},teacher`;
    expect(whole(longest).read).toEqual([longest]);
    const tooLong = whole(`1${longest}`);
    expect(tooLong.read).toEqual([]);
    expect(tooLong.given).toEqual([`1${longest}`]);
  });

  it('keeps no more than that of what does not end, and gives one piece of it', () => {
    const decoder = requests.decoder();
    for (let round = 0; round < 1000; round += 1) {
      decoder.feed(Buffer.alloc(1000, 'x,y'));
      expect(pull(decoder)).toEqual([]);
    }
    expect(decoder.take().length).toBe(1025);
  });

  it('gives text also for what is no UTF-8', () => {
    expect(whole(Buffer.from([0xff, 0x31, 0x2c])).given).toEqual(['\ufffd1,']);
    expect(whole(Buffer.from('matrícula/101,aluno')).read).toEqual(['matrícula/101,aluno']);
  });

  it('is the same for any bytes, however they are cut', () => {
    const piece = fc.constantFrom(
      '101',
      ',',
      '/',
      'teacher',
      'student',
      'professor',
      'aluno',
      '\n',
      'é',
      '\xff',
      'x'.repeat(600),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(4000), { maxLength: 8 }), (pieces, cuts) => {
        const buffer = Buffer.from(pieces.join(''), 'utf8');
        const at = [0, ...cuts.map((cut) => cut % (buffer.length + 1)).sort((a, b) => a - b), buffer.length];
        const chunks = at.slice(1).map((end, index) => buffer.subarray(at[index], end));
        expect(decode(chunks)).toEqual(whole(buffer));
      }),
      { numRuns: 500 },
    );
  });

  it('hands over what it has not used', () => {
    const decoder = requests.decoder();
    decoder.feed(Buffer.from('101,teacher102,tea'));
    expect(decoder.next()).toBe('101,teacher');
    expect(decoder.buffered).toBe(7);
    expect(String(decoder.take())).toBe('102,tea');
    expect(decoder.buffered).toBe(0);
  });
});

it('encodes a reply as it is, in UTF-8', () => {
  expect(String(requests.encode('Presença às 08:05!'))).toBe('Presença às 08:05!');
});
