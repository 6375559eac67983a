import * as socket from '@socketserver/socket';
import { familyName, typeName } from '../src/constants';

describe('the constants', () => {
  it('have the values of Python on Linux', () => {
    const { AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SHUT_RD, SHUT_WR, SHUT_RDWR } = socket;
    expect([AF_UNIX, AF_INET, AF_INET6]).toEqual([1, 2, 10]);
    expect([SOCK_STREAM, SOCK_DGRAM, SOCK_RAW]).toEqual([1, 2, 3]);
    expect([SHUT_RD, SHUT_WR, SHUT_RDWR]).toEqual([0, 1, 2]);
  });

  it('have names for messages, also those that nobody knows', () => {
    expect(familyName(socket.AF_CAN)).toBe('AF_CAN');
    expect(familyName(99)).toBe('family 99');
    expect(typeName(socket.SOCK_DGRAM)).toBe('SOCK_DGRAM');
    expect(typeName(99)).toBe('type 99');
  });
});
