import type { Answer } from './matrix';
import { matrixPage } from './matrix-page';

const strategies = ['async', 'forking'];
const kinds: Record<string, string[]> = {
  tcp: ['a Plain', 'a Message'],
  unix: ['a Plain', 'a Message'],
  udp: ['a Packet'],
};

/** An answer of every strategy over every transport with every kind. @param reason why it does not apply there */
function answers(promise: string, reason: (place: Omit<Answer, 'reason' | 'promise'>) => string | null): Answer[] {
  return strategies.flatMap((strategy) =>
    Object.entries(kinds).flatMap(([transport, names]) =>
      names.map((kind) => ({ strategy, transport, kind, promise, reason: reason({ strategy, transport, kind }) })),
    ),
  );
}

/** The rows of the page's tables that begin so. */
function rows(all: readonly Answer[], begin: string): string[] {
  return matrixPage(all)
    .split('\n')
    .filter((line) => line.startsWith(`| ${begin}`));
}

const everywhere = answers('answers', () => null);

describe('matrixPage()', () => {
  it('counts for each strategy and handler over each transport', () => {
    const streams = answers('resets', ({ transport }) => (transport === 'tcp' ? null : 'no reset'));
    const all = [...everywhere, ...streams];
    expect(rows(all, '`forking`')).toEqual(['| `forking` | a `Plain` | 2 / 0 | 1 / 1 | – |']);
    expect(rows(all, ' |')).toContain('|  | a `Packet` | – | – | 1 / 1 |');
    expect(matrixPage(all)).toContain('2 strategies over 3 transports keep all of 2');
    expect(matrixPage(all)).toContain('asked 14 times');
  });

  it('says nothing of a promise that is kept everywhere but that it is', () => {
    expect(rows(everywhere, 'answers')).toEqual(['| answers | 10 |  |']);
  });

  it('says where a promise does not apply, and why, once for each reason', () => {
    const all = answers('drains', ({ transport, kind }) => {
      if (transport === 'udp') return 'no *connection*';
      return kind === 'a Plain' ? 'who knows' : null;
    });
    expect(rows(all, 'drains')).toEqual([
      '| drains | 4 | over `tcp` and `unix` with a `Plain`: who knows<br>over `udp`: no \\*connection\\* |',
    ]);
  });

  it('names the strategies when it is about some of them', () => {
    const all = answers('waits', ({ strategy, transport }) =>
      strategy === 'forking' && transport !== 'udp' ? 'children do not' : null,
    );
    expect(rows(all, 'waits')).toEqual(['| waits | 6 | over `tcp` and `unix` under `forking`: children do not |']);
  });
});
