import { AF_INET, AF_INET6, AF_UNIX, familyOf, formatAddress, sameAddress } from '@socketserver/socket';

describe('familyOf', () => {
  it('knows a path, a host with colons, and everything else', () => {
    expect(familyOf('/run/app.sock')).toBe(AF_UNIX);
    expect(familyOf(['::1', 80])).toBe(AF_INET6);
    expect(familyOf(['127.0.0.1', 80])).toBe(AF_INET);
    expect(familyOf(['localhost', 80])).toBe(AF_INET);
  });
});

describe('formatAddress', () => {
  it.each([
    [['127.0.0.1', 5000], '127.0.0.1:5000'],
    [['::1', 5000], '[::1]:5000'],
    [['', 0], '*:0'],
    ['/run/app.sock', '/run/app.sock'],
    ['', '(unnamed)'],
  ] as const)('writes %j as %s', (address, text) => {
    expect(formatAddress(address)).toBe(text);
  });
});

describe('sameAddress', () => {
  it('compares letter by letter', () => {
    expect(sameAddress(['127.0.0.1', 1], ['127.0.0.1', 1])).toBe(true);
    expect(sameAddress(['127.0.0.1', 1], ['127.0.0.1', 2])).toBe(false);
    expect(sameAddress(['127.0.0.1', 1], ['::1', 1])).toBe(false);
    expect(sameAddress('/a', '/a')).toBe(true);
    expect(sameAddress('/a', ['/a', 0])).toBe(false);
  });
});
