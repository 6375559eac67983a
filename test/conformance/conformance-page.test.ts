import { conformancePage } from './conformance-page';
import type { Requirement } from './requirement';

const departures = new Map([['`a = 5`', { here: '`a = 7`', why: 'five are too few' }]]);

/** The lines of the tables of a page with these requirements. */
function rows(...requirements: Requirement[]): string[] {
  const page = conformancePage([{ title: 'A', requirements }], departures);
  return page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
}

describe('conformancePage()', () => {
  it('counts what is shown, what departs, and what is open', () => {
    const page = conformancePage(
      [
        { title: 'A', requirements: [{ id: '1', python: 'one', shown: [['a.test.ts', 'one']] }] },
        {
          title: 'B',
          intro: 'Of B.',
          requirements: [
            { id: '2', python: 'two', departure: '`a = 5`' },
            { id: '3', python: 'three', open: 'needs a thread', shown: [['a.test.ts', 'three']] },
          ],
        },
      ],
      departures,
    );
    expect(page).toContain('**3 requirements: 1 as in Python, 1 departures, 1 open.**');
    expect(page).toContain('## B\n\nOf B.\n\n<!-- prettier-ignore -->\n| Python');
  });

  it('links each test to its file', () => {
    expect(rows({ id: '1', python: 'one', shown: [['a/b.test.ts', 'does one', 'does two']] })).toEqual([
      '| Python | Here | Shown by |',
      '| one | the same | [does one](../a/b.test.ts)<br>[does two](../a/b.test.ts) |',
    ]);
  });

  it('says of a departure what is done instead, and why', () => {
    expect(rows({ id: '1', python: '`a = 5`', departure: '`a = 5`' })[1]).toBe(
      '| `a = 5` | **Differs:** `a = 7` (five are too few) |  |',
    );
    expect(rows({ id: '1', python: '`a = 5`', departure: '`a = 5`', here: 'seven' })[1]).toContain(
      '**Differs:** seven (five are too few)',
    );
  });

  it('says what is still to come', () => {
    expect(rows({ id: '1', python: 'one', open: 'needs a thread', here: 'tasks do it' })[1]).toContain(
      '**Open:** needs a thread. tasks do it',
    );
  });

  it('shows the names of tests as they are', () => {
    const [, row] = rows({ id: '1', python: 'one', shown: [['a.test.ts', 'test_a | `b` [c] <d> *e* \\']] });
    expect(row).toContain('[test\\_a \\| \\`b\\` \\[c\\] \\<d> \\*e\\* \\\\](../a.test.ts)');
  });
});
