import { strategies, workerStrategies } from '@socketserver/core';

import { cpythonTests } from './cpython-tests';
import { STRATEGIES } from './requirement';
import { sections } from './requirements';

const requirements = sections.flatMap((section) => section.requirements);

describe('the requirements', () => {
  it('have CPython’s 27 tests among them', () => {
    expect(cpythonTests.requirements).toHaveLength(27);
  });

  it('have a name of their own each', () => {
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
  });

  it('are shown by tests, those that are departures too', () => {
    expect(requirements.filter(({ shown = [] }) => shown.length === 0).map(({ id }) => id)).toEqual([]);
    const unnamed = requirements.filter(({ shown = [] }) => shown.some(([, ...names]) => names.length === 0));
    expect(unnamed).toEqual([]);
  });

  it('are shown for every strategy that there is', () => {
    expect(STRATEGIES).toEqual({
      strategy: strategies,
      worker: workerStrategies,
      every: [...strategies, ...workerStrategies],
    });
  });
});
