import { MalformedMessageError } from '@socketserver/framing';
import fc from 'fast-check';

import { asciiHost, frame, FRAME_SIZE } from '../src/frame';

const sample = { host: 'pc-home', cpu: 0.5, memory: 50.4 };

const layouts = [
  ['A', 'Hostname:pc-home    Carga de CPU:  0.5% Memória Disponível: 50.4%'],
  ['A with newlines', 'Hostname:pc-home   \nCarga de CPU:  0.5%\nMemória Disponível: 50.4%'],
  ['B', 'Hostname:pc-home  \nCarga de CPU:  0.5%\nMemória Disponível: 50.4%\n'],
  ['C', 'Hostname:pc-home  Carga de CPU:   0.5% Memória Disponível:  50.4%'],
  ['D', 'Hostname:pc-home Carga de CPU:   0.5% Memória Disponível:  50.4%\n'],
  ['E', 'Hostname:pc-home Carga de CPU: 0.5% Memória Disponível: 50.4%    '],
] as const;

/** A frame in layout A with one part replaced, at its right length again. */
function variant(part: string, replacement: string): Buffer {
  const text = layouts[0][1].replace(part, replacement);
  return Buffer.concat([Buffer.from(text), Buffer.alloc(FRAME_SIZE, ' ')]).subarray(0, FRAME_SIZE);
}

describe('frame.parse()', () => {
  it.each(layouts)('reads layout %s', (_name, text) => {
    const bytes = Buffer.from(text);
    expect(bytes).toHaveLength(67);
    expect(text).toHaveLength(65);
    expect(frame.parse(bytes)).toEqual({ ...sample, text });
  });

  it.each([
    ['a host of several words', 'pc-home   ', 'my old pc ', { host: 'my old pc' }],
    ['100 % and 0 %', '  0.5% Memória Disponível: 50.4', '100.0% Memória Disponível:  0.0', { cpu: 100, memory: 0 }],
    ['whole numbers', '  0.5', '    7', { cpu: 7 }],
    ['a host that contains a label', 'pc-home   ', 'Carga de C', { host: 'Carga de C' }],
    ['a host with accents', 'pc-home   ', 'JosÉ     ', { host: 'JosÉ' }],
  ])('reads %s', (_what, part, replacement, expected) => {
    expect(frame.parse(variant(part, replacement))).toMatchObject(expected);
  });

  it.each([
    ['a wrong first label', 'Hostname:', 'Hostnome:', /expected the label "Hostname:" at the start in "Hostnome:pc/],
    ['a frame that begins in the middle', 'Hostname:pc-', '', /expected the label "Hostname:" at the start/],
    ['a wrong second label', 'CPU:', 'GPU:', /expected the label "Carga de CPU:" next/],
    ['a label without its accents', 'Disponível', 'Disponivel', /expected the label "Memória Disponível:" next/],
    [
      'labels in another order',
      'Carga de CPU:  0.5% Memória Disponível: 50.4%',
      'Memória Disponível: 50.4% Carga de CPU:  0.5%',
      /next/,
    ],
    ['no host', 'pc-home', '       ', /expected a host and two numbers/],
    ['a missing percent sign', '0.5%', '0.50', /"Carga de CPU:" is .*expected a number|expected a host/],
    ['text after the frame', '0.4%', '.4%!', /expected a host and two numbers/],
    ['a number over 100', '  0.5', '100.1', /"Carga de CPU:" is "100.1", expected a number from 0 to 100/],
    ['an available memory over 100', ' 50.4', '999.9', /"Memória Disponível:" is "999.9"/],
    ['NaN', '  0.5', '  nan', /"Carga de CPU:" is "nan"/],
    ['a negative number', '  0.5', ' -0.5', /"Carga de CPU:" is "-0.5"/],
    ['a decimal comma', '  0.5', '  0,5', /"Carga de CPU:" is "0,5"/],
    ['a number in another notation', '  0.5', ' 5e-1', /"Carga de CPU:" is "5e-1"/],
    ['no number', '  0.5', '     ', /"Carga de CPU:" is ""/],
    ['an escape sequence', 'pc-home', '\x1b[2Jpwn', /contains the control character U\+001B/],
    ['a tab', 'pc-home ', 'pc-home\t', /contains the control character U\+0009/],
    ['a NUL', 'pc-home ', 'pc-home\0', /contains the control character U\+0000/],
    ['a text that runs backwards', 'pc-home   ', 'pc\u202eemoh ', /contains the control character U\+202E/],
    ['an 8-bit control sequence', 'pc-home   ', 'pc\u009b2J    ', /contains the control character U\+009B/],
    ['a host of two lines', 'pc-home', 'pc\nhome', /expected a host and two numbers/],
  ])('refuses %s, and says why', (_what, part, replacement, reason) => {
    const bytes = variant(part, replacement);
    expect(() => frame.parse(bytes)).toThrow(MalformedMessageError);
    expect(() => frame.parse(bytes)).toThrow(reason);
  });

  it('refuses invalid UTF-8 and keeps the bytes', () => {
    const bytes = variant('', '');
    bytes[42] = 0xff;
    let refused: unknown;
    try {
      frame.parse(bytes);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(MalformedMessageError);
    expect(refused).toMatchObject({ message: 'not a monitor frame: it is not valid UTF-8', bytes });
  });

  it('puts no control character of the peer into a message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: FRAME_SIZE, maxLength: FRAME_SIZE }), (noise) => {
        try {
          frame.parse(Buffer.from(noise));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
          expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
  });
});

describe('frame.format()', () => {
  it('writes layout A byte by byte', () => {
    expect(Buffer.from(frame.format(sample)).toString('hex')).toBe(
      '486f73746e616d653a' +
        '70632d686f6d65202020' +
        '20' +
        '4361726761206465204350553a' +
        '2020302e35' +
        '2520' +
        '4d656dc3b372696120446973706f6ec3ad76656c3a' +
        '2035302e34' +
        '25',
    );
  });

  it.each([
    [NaN, 0],
    [-Infinity, 0],
    [-0, 0],
    [-3, 0],
    [99.96, 100],
    [100.1, 100],
    [Infinity, 100],
  ])('makes %d %d', (given, sent) => {
    expect(frame.parse(Buffer.from(frame.format({ ...sample, cpu: given })))).toMatchObject({ cpu: sent });
  });

  it('gives 67 bytes that parse back, for any host and any numbers', () => {
    const anyHost = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(anyHost, fc.double(), fc.double(), (host, cpu, memory) => {
        const bytes = Buffer.from(frame.format({ host, cpu, memory }));
        expect(bytes).toHaveLength(FRAME_SIZE);
        const parsed = frame.parse(bytes);
        expect(parsed.host).toBe(asciiHost(host));
        for (const value of [parsed.cpu, parsed.memory]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('asciiHost()', () => {
  it.each([
    ['pc-home', 'pc-home'],
    ['web-server-01', 'web-server'],
    ['josé', 'jose'],
    ['jose\u0301', 'jose'],
    ['東京', '??'],
    ['💻 mesa', '? mesa'],
    ['a\x1b[31mb', 'a?[31mb'],
    ['  spaced out, and long', 'spaced out'],
    ['123456789 0', '123456789'],
    ['', '?'],
    [' \u0301 ', '?'],
    ['\ud800', '?'],
  ])('turns %j into %j', (name, host) => {
    expect(asciiHost(name)).toBe(host);
  });
});
