import { conclude } from './conclusion';
import type { Matrix } from './matrix';

const place = { strategy: 'async', transport: 'tcp', kind: 'a Handler', promise: 'answers' };
const kept: Matrix = { answers: [{ ...place, reason: null }], broken: [], unexplained: [], missing: [] };

/** What comes of two runs. */
function conclusion(one: Partial<Matrix>, other: Partial<Matrix>, more: object = {}) {
  const matrices = new Map([
    ['sources', { ...kept, ...one }],
    ['installed', { ...kept, ...other }],
  ]);
  return conclude({ matrices, isWhole: true, isCI: false, before: '', ...more }, async () => 'page');
}

describe('conclude()', () => {
  it('writes the page when both runs have kept everything', async () => {
    expect(await conclusion({}, {})).toMatchObject({ hasFailed: false, page: 'page' });
  });

  it('writes nothing when the page is right already', async () => {
    const { hasFailed, page } = await conclusion({}, {}, { before: 'page', isCI: true });
    expect([hasFailed, page]).toEqual([false, undefined]);
  });

  it('fails where nobody will commit the page, and says what to do', async () => {
    const { said, hasFailed, page } = await conclusion({}, {}, { before: 'other', isCI: true });
    expect(said.join()).toContain('npm run matrix');
    expect([hasFailed, page]).toEqual([true, undefined]);
  });

  it.each([
    ['broken', { broken: ['async: answers: no'] }, /1 promises are broken:\n {2}installed: async: answers: no/],
    ['not asked', { unexplained: ['async: answers'] }, /not asked:\n {2}installed: async: answers/],
    ['kept by one run only', { answers: [] }, /do not agree.*\n {2}async over tcp, a Handler: answers: kept/],
  ])('fails when a promise is %s, and names it', async (_how, other, named) => {
    const { said, hasFailed, page } = await conclusion({}, other);
    expect(said.join('\n')).toMatch(named);
    expect([hasFailed, page]).toEqual([true, undefined]);
  });

  it('leaves the page alone where something cannot be had, and says what', async () => {
    const { said, hasFailed, page } = await conclusion({}, { missing: ['async over udp: no package'] });
    expect(said.join('\n')).toContain('installed: async over udp: no package');
    expect([hasFailed, page]).toEqual([false, undefined]);
  });

  it('fails when a part of the runs has asked nothing', async () => {
    const nothing = { answers: [], missing: ['async over udp: no package'] };
    const { said, hasFailed } = await conclusion(nothing, nothing, { isWhole: false });
    expect(said.join('\n')).toMatch(/Nothing was asked.*\n {2}sources: async over udp: no package/);
    expect(hasFailed).toBe(true);
  });

  it('leaves the page alone after a part of the runs, of which much is not asked', async () => {
    const { hasFailed, page } = await conclusion({ unexplained: ['answers'] }, {}, { isWhole: false });
    expect([hasFailed, page]).toEqual([false, undefined]);
    expect(await conclusion({ broken: ['answers: no'] }, {}, { isWhole: false })).toMatchObject({ hasFailed: true });
  });
});
