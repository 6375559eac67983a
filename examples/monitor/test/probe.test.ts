import { SystemProbe } from '../src/probe';

describe('SystemProbe', () => {
  it('reads this machine, in percent', async () => {
    const probe = new SystemProbe();
    for (let readings = 0; readings < 2; readings++) {
      const { cpu, memory } = await probe.read();
      expect(cpu).toBeGreaterThanOrEqual(0);
      expect(cpu).toBeLessThanOrEqual(100);
      expect(memory).toBeGreaterThan(0);
      expect(memory).toBeLessThanOrEqual(100);
    }
  });
});
