import { describeStep, faultSchedule } from '../src';

const story = (seed: number): string[] => faultSchedule(seed).steps.map(describeStep);

describe('faultSchedule()', () => {
  it('makes the same schedule of the same seed, byte by byte, and another of another', () => {
    expect(faultSchedule(7)).toEqual(faultSchedule(7));
    expect(story(7)).not.toEqual(story(8));
  });

  it('has every kind of step, in one schedule or another', () => {
    const steps = Array.from({ length: 10 }, (_, seed) => story(seed))
      .flat()
      .join('\n');
    for (const step of ['connect', 'send', 'stall', 'read on', 'half-close', 'reset']) expect(steps).toMatch(step);
    for (const step of ['suspend', 'resume', 'shut down and serve again']) expect(steps).toMatch(`the server: ${step}`);
    expect(steps).toMatch(/send \d+ bytes, in \d+ parts together/);
    expect(steps).toMatch(/\d turns of the event loop/);
  });

  it('lets a peer do nothing before it connects, and send nothing after it has ended', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const ended = new Set<number>();
      const connected = new Set<number>();
      for (const step of faultSchedule(seed).steps) {
        if (!('peer' in step)) continue;
        if (step.does === 'connect') connected.add(step.peer);
        expect(connected).toContain(step.peer);
        if (step.does === 'send') expect(ended).not.toContain(step.peer);
        if (step.does === 'half-close' || step.does === 'reset') ended.add(step.peer);
      }
    }
  });
});
