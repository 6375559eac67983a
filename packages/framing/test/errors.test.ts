import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as framing from '@socketserver/framing';
import {
  FramingError,
  InvalidMessageError,
  InvalidOptionError,
  MalformedMessageError,
  MessageTooLongError,
  TruncatedMessageError,
} from '@socketserver/framing';

const cause = new RangeError('below');
const errors = [
  new MessageTooLongError('too long', { length: 9, limit: 8, cause }),
  new TruncatedMessageError('truncated', { length: 9, cause }),
  new MalformedMessageError('malformed', Buffer.from('abc'), { cause }),
  new InvalidMessageError('invalid', { cause }),
  new InvalidOptionError('invalid option', 'size', 0),
];

describe('the errors of framing', () => {
  it('have one root, their own name and their own code', () => {
    for (const error of errors) {
      expect(error).toBeInstanceOf(FramingError);
      expect(error.name).toBe(error.constructor.name);
    }
    expect(errors.map(({ code }) => code)).toEqual([
      'ERR_MESSAGE_TOO_LONG',
      'ERR_TRUNCATED_MESSAGE',
      'ERR_MALFORMED_MESSAGE',
      'ERR_INVALID_MESSAGE',
      'ERR_INVALID_OPTION',
    ]);
  });

  it('are all covered here', () => {
    const exported = Object.keys(framing).filter((name) => name.endsWith('Error') && name !== 'FramingError');
    expect(exported.sort()).toEqual(errors.map(({ name }) => name).sort());
  });

  it('are all in the README, with their codes', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
    const rows = readme.matchAll(/^\| `(ERR_\w+)` +\| `(\w+)`/gm);
    expect(Array.from(rows, ([, code, name]) => [code, name])).toEqual(errors.map(({ code, name }) => [code, name]));
  });

  it('keep their cause, and have none if there was none', () => {
    for (const error of errors.slice(0, 4)) expect(error.cause).toBe(cause);
    expect('cause' in new MalformedMessageError('malformed', Buffer.alloc(0))).toBe(false);
  });

  it('keep a copy of the bytes, which later writes do not change', () => {
    const bytes = Buffer.from('abc');
    const error = new MalformedMessageError('malformed', bytes);
    bytes.fill('-');
    expect(error).toMatchObject({ bytes: Buffer.from('abc'), length: 3 });
  });

  it('keep 256 bytes at most, and the true length', () => {
    const error = new MalformedMessageError('malformed', new Uint8Array(1000).fill(7));
    expect(error.bytes).toEqual(Buffer.alloc(256, 7));
    expect(error.length).toBe(1000);
  });

  it('keep no other memory alive than their sample', () => {
    const { bytes } = new MalformedMessageError('malformed', Buffer.from('abc'));
    expect(bytes.buffer.byteLength).toBe(3);
  });

  it('have empty bytes when they are not about bytes', () => {
    expect(new InvalidOptionError('invalid', 'size', -1)).toMatchObject({
      bytes: Buffer.alloc(0),
      length: undefined,
      limit: undefined,
      option: 'size',
      value: -1,
    });
  });
});
