import { MalformedMessageError } from '@socketserver/framing';

import { ConnectionResetError, LineTooLongError, reasonOf } from '../src';

describe('reasonOf()', () => {
  it.each([
    ['reset', new ConnectionResetError('gone', 'ECONNRESET')],
    ['protocol-error', new MalformedMessageError('not UTF-8', Buffer.from([0xff]))],
    ['protocol-error', new LineTooLongError(10)],
    ['error', new RangeError('a mistake')],
    ['error', 'not even an error'],
  ])('says %s for %p', (reason, error) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
