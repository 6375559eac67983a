import { BlockList } from 'node:net';
import { coreOptions } from '../src/core-options';
import { resolveOptions } from '../src/resolve-options';

describe('coreOptions()', () => {
  it('leaves out what is off', () => {
    const { deadlines, ...rest } = coreOptions(resolveOptions({}).values);
    expect(Object.values(deadlines ?? {})).toEqual(Array(7).fill(undefined));
    expect(rest).toEqual({ drainTimeout: 15_000, overflow: 'queue' });
  });

  it('has a deadline for each timeout, and every limit', () => {
    const flags = {
      handshakeTimeout: '1',
      firstByteTimeout: '2',
      messageTimeout: '3',
      idleTimeout: '4',
      handlerTimeout: '5',
      sendTimeout: '6',
      lifetime: '7',
      drainTimeout: '8',
      workers: '3',
      maxConnections: '9',
      maxConnectionsPerAddress: '10',
      overflow: 'reject',
      allow: ['::1'],
      deny: ['10.0.0.0/8'],
    };
    expect(coreOptions(resolveOptions({ flags }).values)).toEqual({
      deadlines: { handshake: 1, firstByte: 2, message: 3, idle: 4, handler: 5, drain: 6, lifetime: 7 },
      drainTimeout: 8,
      workers: 3,
      maxConnections: 9,
      maxConnectionsPerAddress: 10,
      overflow: 'reject',
      allow: expect.any(BlockList) as BlockList,
      deny: expect.any(BlockList) as BlockList,
    });
  });
});
