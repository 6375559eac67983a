import { conformancePage } from './conformance-page';
import type { Requirement } from './requirement';

const departures = new Map([['`a = 5`', { here: '`a = 7`', why: 'five are too few' }]]);

/** The lines of the tables of a page with these requirements. */
function rows(...requirements: Requirement[]): string[] {
  const page = conformancePage([{ title: 'A', requirements }], departures);
  return page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
}

describe('conformancePage()', () => {
  it('counts what is as in Python, and what departs', () => {
    const page = conformancePage(
      [
        { title: 'A', requirements: [{ id: '1', python: 'one', shown: [['a.test.ts', 'one']] }] },
        {
          title: 'B',
          intro: 'Of B.',
          requirements: [{ id: '2', python: 'two', departure: '`a = 5`' }],
        },
      ],
      departures,
    );
    expect(page).toContain('**2 requirements: 1 as in Python, 1 departures.**');
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

  it('says in words how something is here that is as in Python', () => {
    expect(rows({ id: '1', python: 'one', here: 'from Node 23 on' })[1]).toBe('| one | from Node 23 on |  |');
  });

  it('shows the names of tests as they are', () => {
    const [, row] = rows({ id: '1', python: 'one', shown: [['a.test.ts', 'test_a | `b` [c] <d> *e* \\']] });
    expect(row).toContain('[test\\_a \\| \\`b\\` \\[c\\] \\<d> \\*e\\* \\\\](../a.test.ts)');
  });
});
