import { type Slate, fileSlate, memorySlate } from '../src/workers/slate';
import { WorkLog } from '../src/workers/work-log';

const slates: [string, () => [Slate, WorkLog]][] = [
  [
    'in memory',
    () => {
      const slate = memorySlate();
      return [slate, new WorkLog(slate.reference)];
    },
  ],
  [
    'in a file',
    () => {
      const slate = fileSlate()!;
      return [slate, new WorkLog(slate.fd)];
    },
  ],
];

describe.each(slates)('a WorkLog %s', (_where, make) => {
  it('says who has begun last, as long as they work, and then who works for the longest time', () => {
    const [slate, log] = make();
    const seen = (): number => slate.read();
    expect(seen()).toBe(0);
    log.begins(3);
    log.begins(70_000);
    log.begins(5);
    expect(seen()).toBe(5);
    log.rests(3);
    expect(seen()).toBe(5);
    log.rests(5);
    expect(seen()).toBe(70_000);
    log.rests(5);
    log.begins(5);
    log.begins(70_000);
    expect(seen()).toBe(70_000);
    log.rests(70_000);
    log.rests(5);
    expect(seen()).toBe(0);
    slate.close();
  });
});
