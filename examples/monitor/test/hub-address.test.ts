import type { NetworkInterfaceInfo } from 'node:os';

import { gethostname } from '@socketserver/socket';

import { agentCommandFor, isPublic, localAddress } from '../src/hub-address';

function address(address: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo {
  return { address, family, internal } as NetworkInterfaceInfo;
}

const lo = [address('127.0.0.1', 'IPv4', true), address('::1', 'IPv6', true)];
const eth = [address('fe80::1', 'IPv6'), address('2001:db8::7', 'IPv6'), address('192.168.0.10', 'IPv4')];

describe('localAddress()', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['192.168.0.10', '192.168.0.10'],
  ])('reaches a hub that listens on %s at %s', (host, local) => {
    expect(localAddress([host, 5000])).toEqual([local, 5000]);
  });
});

describe('isPublic()', () => {
  it.each(['127.0.0.1', '127.0.1.1', '::1', 'localhost'])('says no for %s', (host) => {
    expect(isPublic([host, 5000])).toBe(false);
  });

  it.each(['0.0.0.0', '::', '192.168.0.10', 'pc-home'])('says yes for %s', (host) => {
    expect(isPublic([host, 5000])).toBe(true);
  });
});

describe('agentCommandFor()', () => {
  it.each([
    ['0.0.0.0', '192.168.0.10'],
    ['127.0.0.1', '192.168.0.10'],
    ['10.0.0.1', '10.0.0.1'],
  ])('names, for a hub on %s, the address %s', (host, shown) => {
    expect(agentCommandFor([host, 5001], { lo, eth })).toBe(`npm run monitor:agent -- --host ${shown} --port 5001`);
  });

  it('names an IPv6 address where there is no other, but none that only works on one cable', () => {
    expect(agentCommandFor(['::', 5000], { lo, eth: eth.slice(0, 2) })).toContain('--host 2001:db8::7 ');
  });

  it('names the machine where it has no address for others', () => {
    expect(agentCommandFor(['0.0.0.0', 5000], { lo, gone: undefined })).toContain(`--host ${gethostname()} `);
  });
});
