import { departuresIn } from './departures';

describe('departuresIn()', () => {
  it('finds the rows of a table by their first cell', () => {
    const page = ['text', '| Python | Here | Why |', '| --- | --- | --- |', '| `a = 5`  | `a = 7` | larger |', ''].join(
      '\n',
    );
    expect(departuresIn(page).get('`a = 5`')).toEqual({ here: '`a = 7`', why: 'larger' });
  });

  it('keeps a bar that belongs to a cell', () => {
    expect(departuresIn('| `a \\| b` | c | d |').get('`a \\| b`')).toEqual({ here: 'c', why: 'd' });
  });
});
