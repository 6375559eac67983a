import fc from 'fast-check';
import { delimiter, InvalidMessageError, json, MalformedMessageError } from '@socketserver/framing';
import { decodeChunks, thrownBy } from './decode-chunks';
import { cut } from './outcome';

describe('json', () => {
  it('makes JSON Lines of any values, wherever they are cut', () => {
    const codec = delimiter('\n', { format: json() });
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(1000)), (values, where) => {
        const bytes = Buffer.concat(values.map((value) => codec.encode(value)));
        // What JSON itself changes, such as -0, is no matter of ours.
        const expected = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(decodeChunks(codec, cut(bytes, where))).toEqual(expected);
      }),
    );
  });

  it.each(['', '{', 'NaN', '{"a":1}x', "{'a':1}"])('refuses %j, with the cause', (message) => {
    const error = thrownBy(() => json().parse(Buffer.from(message)));
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect((error as Error).cause).toMatchObject({ name: 'SyntaxError' });
    expect(error).toMatchObject({ bytes: Buffer.from(message) });
  });

  it('refuses what is not UTF-8', () => {
    expect(() => json().parse(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
  });

  it('hands out what the check makes of a value, and refuses what it throws for', () => {
    const cause = new RangeError('no number');
    const format = json((value) => {
      if (typeof value !== 'number') throw cause;
      return value * 2;
    });
    expect(format.parse(Buffer.from('21'))).toBe(42);
    const error = thrownBy(() => format.parse(Buffer.from('"21"')));
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(error).toMatchObject({ cause, message: expect.stringContaining('no number') as string });
  });

  it('refuses to send what JSON does not have', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    for (const value of [undefined, () => 1, Symbol('s'), 1n, loop]) {
      expect(thrownBy(() => json().format(value))).toBeInstanceOf(InvalidMessageError);
    }
  });
});
