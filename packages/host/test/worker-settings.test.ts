import { checkWorkerSettings } from '../src/worker-settings';

class Link {
  readonly href = 'x';
}

describe('checkWorkerSettings()', () => {
  it('takes plain data, of whatever shape', () => {
    const round: Record<string, unknown> = { text: 'x', count: 1, none: null, missing: undefined, big: 1n };
    round.itself = round;
    for (const settings of [undefined, {}, round, [new Date(1), /x/, new Map([['a', new Set([1])]])]]) {
      expect(() => checkWorkerSettings('app', settings)).not.toThrow();
    }
  });

  it.each([
    [{ on: { end: () => 1 } }, 'settings.on.end is a function'],
    [[Symbol('x')], 'settings.0 is a symbol'],
    [{ links: new Map([['home', new Link()]]) }, 'settings.links.0.1 is of class Link'],
    [{ bytes: Buffer.from('x') }, 'settings.bytes is of class Buffer'],
  ])('refuses what would arrive as something else: %p', (settings, text) => {
    expect(() => checkWorkerSettings('app', settings)).toThrow(
      expect.objectContaining({ code: 'PLUGIN_INVALID', message: expect.stringContaining(text) as string }) as Error,
    );
  });
});
