import { type JestReport, differences, readMatrix } from './matrix';

type Test = JestReport['testResults'][number]['assertionResults'][number];

const axes = { strategies: ['async', 'forking'], transports: ['tcp', 'udp'] };

function test(where: string, title: string, status = 'passed', failure?: string): Test {
  const [cell = '', ...kind] = where.split(', ');
  const failureMessages = failure === undefined ? [] : [failure];
  return { ancestorTitles: [`the contract: ${cell}`, ...kind], title, status, failureMessages };
}

function report(...assertionResults: Test[]): JestReport {
  return { testResults: [{ name: 'cells.ts', status: 'passed', message: '', assertionResults }] };
}

/** Tests of every cell, which all pass. */
const whole = axes.strategies.flatMap((strategy) =>
  axes.transports.map((transport) => test(`${strategy} over ${transport}, a Handler`, 'answers')),
);

describe('readMatrix()', () => {
  it('finds the answers of every strategy over every transport, in the order of these', () => {
    const { answers, broken, unexplained, missing } = readMatrix(report(...[...whole].reverse()), axes);
    expect(answers.map(({ strategy, transport }) => `${strategy} ${transport}`)).toEqual([
      'async tcp',
      'async udp',
      'forking tcp',
      'forking udp',
    ]);
    expect(answers[0]).toEqual({
      strategy: 'async',
      transport: 'tcp',
      kind: 'a Handler',
      promise: 'answers',
      reason: null,
    });
    expect([broken, unexplained, missing]).toEqual([[], [], []]);
  });

  it('keeps the reason of a promise that does not apply', () => {
    const skipped = test('async over tcp, a Handler', 'answers (skipped: it is a stream (of bytes))', 'pending');
    const { answers, unexplained } = readMatrix(report(skipped, ...whole.slice(1)), axes);
    expect(answers[0]).toMatchObject({ promise: 'answers', reason: 'it is a stream (of bytes)' });
    expect(unexplained).toEqual([]);
  });

  it('names every promise that is broken, and how', () => {
    const failing = test('async over tcp, a Handler', 'answers', 'failed', '\u001b[2mexpected\u001b[22m 1\n  at x.ts');
    expect(readMatrix(report(failing, ...whole.slice(1)), axes).broken).toEqual([
      'async over tcp, a Handler: answers: expected 1',
    ]);
  });

  it('names a file that cannot be run', () => {
    const unloadable = { name: 'x.ts', status: 'failed', message: 'SyntaxError: no\n  at y', assertionResults: [] };
    const { broken } = readMatrix({ testResults: [...report(...whole).testResults, unloadable] }, axes);
    expect(broken).toEqual(['x.ts has failed as a whole: SyntaxError: no']);
  });

  it('names what nobody has asked, and what is skipped without a reason', () => {
    const skipped = test('async over tcp, a Handler', 'answers', 'pending');
    const other = test('async over udp, a Handler', 'drains');
    const { unexplained } = readMatrix(report(skipped, other, ...whole.slice(1, 3)), axes);
    expect(unexplained).toEqual([
      'async over tcp, a Handler: answers: pending',
      'async over tcp, a Handler: drains: not asked',
      'forking over tcp, a Handler: drains: not asked',
      'forking over udp: nothing was asked',
    ]);
  });

  it('says what cannot be had here', () => {
    const missed = test('forking over udp', 'can be asked (skipped: no package)', 'pending');
    const { missing, unexplained } = readMatrix(report(...whole.slice(0, 3), missed), axes);
    expect(missing).toEqual(['forking over udp: no package']);
    expect(unexplained).toEqual([]);
  });
});

describe('differences()', () => {
  const matrix = readMatrix(report(...whole), axes);

  it('finds none between a run and the same in another order', () => {
    expect(differences(matrix, readMatrix(report(...[...whole].reverse()), axes))).toEqual([]);
  });

  it('finds what one run has kept and the other has not', () => {
    const skipped = test('forking over udp, a Handler', 'answers (skipped: why not)', 'pending');
    expect(differences(matrix, readMatrix(report(...whole.slice(0, 3), skipped), axes))).toEqual([
      'forking over udp, a Handler: answers: kept',
      'forking over udp, a Handler: answers: does not apply: why not',
    ]);
  });
});
