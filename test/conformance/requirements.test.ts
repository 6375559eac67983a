import { strategies } from '@socketserver/core';

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

  it('are shown by tests, or are departures, or are open', () => {
    const loose = requirements.filter(({ shown = [], departure, open }) => {
      return shown.length === 0 && departure === undefined && open === undefined;
    });
    expect(loose).toEqual([]);
    const unnamed = requirements.filter(({ shown = [] }) => shown.some(([, ...names]) => names.length === 0));
    expect(unnamed).toEqual([]);
  });

  it('are open only where threads and forks are missing', () => {
    const open = requirements.flatMap(({ open }) => open ?? []);
    expect(open.filter((what) => !/ThreadingMixIn|ForkingMixIn|threads and forks/.test(what))).toEqual([]);
  });

  it('are shown for every strategy that there is', () => {
    expect(STRATEGIES).toEqual(strategies);
  });
});
