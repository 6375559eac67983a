import { type Strategy, strategies, workerStrategies } from '@socketserver/core';

import { leftovers, soak } from '../src';

const size = { short: 500, atOnce: 50 };

describe.each([...strategies, ...workerStrategies])('soak: %s', (strategy) => {
  it('serves 500 short connections, and 50 at once, and nothing is left of them, here or in its workers', async () => {
    const soaked = await soak(strategy, size);
    expect(leftovers(soaked)).toEqual([]);
    expect(soaked).toMatchObject({ strategy, answered: 550 });
    const workers = workerStrategies.some((each) => each === strategy) ? 2 : 0;
    expect(soaked.looks.map((look) => look.workers.length)).toEqual(Array(6).fill(workers));
  }, 60_000);
});

it('rejects when the server ends before it is told to, with what it said', async () => {
  const soaked = soak('juggling' as Strategy, { short: 4, atOnce: 0 });
  await expect(soaked).rejects.toThrow(/has ended \(1\) when it was to serve: .*juggling/s);
  await expect(soaked).rejects.toMatchObject({ code: 'ERR_SOAK' });
});
