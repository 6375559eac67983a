import { hostname } from 'node:os';
import {
  AF_INET,
  AF_INET6,
  GetAddressInfoError,
  SOCK_STREAM,
  SocketError,
  getaddrinfo,
  gethostbyname,
  gethostname,
} from '@socketserver/socket';
import { refusal } from './loopback';

describe('gethostname', () => {
  it("is this machine's name", () => {
    expect(gethostname()).toBe(hostname());
  });
});

describe('gethostbyname', () => {
  it('gives an IPv4 address', async () => {
    expect(await gethostbyname('localhost')).toBe('127.0.0.1');
    expect(await gethostbyname('127.0.0.2')).toBe('127.0.0.2');
    expect(await gethostbyname('')).toBe('0.0.0.0');
  });
});

describe('getaddrinfo', () => {
  it('gives every address with its family and the port', async () => {
    const found = await getaddrinfo('localhost', 80);
    expect(found).toContainEqual({ family: AF_INET, type: SOCK_STREAM, address: ['127.0.0.1', 80] });
    expect(await getaddrinfo('::1', 80)).toEqual([{ family: AF_INET6, type: SOCK_STREAM, address: ['::1', 80] }]);
  });
});

// A machine without a network says EAI_AGAIN where one with a network says ENOTFOUND, and may take its time.
describe.each([
  ['gethostbyname', (name: string) => gethostbyname(name)],
  ['getaddrinfo', (name: string) => getaddrinfo(name, 80)],
])('%s of a name that nobody has', (_, resolve) => {
  it('is one clear error', async () => {
    const error = await refusal(resolve('no-such-host.invalid'));
    expect(error).toBeInstanceOf(GetAddressInfoError);
    expect(error).toBeInstanceOf(SocketError);
    expect(error.code).toMatch(/^(ENOTFOUND|EAI_[A-Z]+)$/);
    expect(error.message).toMatch(/^getaddrinfo no-such-host\.invalid: [^()]+ \([A-Z_]+\)$/);
    expect(error.cause).toMatchObject({ code: error.code });
  }, 60_000);
});

describe('getaddrinfo of an empty name', () => {
  it('is an error, as in Python', async () => {
    expect(await refusal(getaddrinfo('', 80))).toMatchObject({ name: 'GetAddressInfoError', code: 'ENOTFOUND' });
  });
});
