import { isoLocal, localDay } from '../src/local-time';

describe('isoLocal()', () => {
  it('is the local date and time', () => {
    expect(isoLocal(new Date(2026, 10, 19, 8, 5, 3).getTime())).toBe('2026-11-19T08:05:03');
  });
});

describe('localDay()', () => {
  it('is the time from one midnight to the next', () => {
    expect(localDay('2026-11-19')).toEqual({
      begins: new Date(2026, 10, 19).getTime(),
      ends: new Date(2026, 10, 20).getTime(),
    });
  });

  it('knows the last days of months and years', () => {
    expect(localDay('2028-02-29')?.ends).toBe(new Date(2028, 2, 1).getTime());
    expect(localDay('2026-12-31')?.ends).toBe(new Date(2027, 0, 1).getTime());
  });

  it.each(['', '2026-11', '19/11/2026', '2026-02-29', '2026-13-01', '2026-11-00', '2026-11-19T08:05', '2026-11-1x'])(
    'refuses %j',
    (text) => {
      expect(localDay(text)).toBeUndefined();
    },
  );
});
