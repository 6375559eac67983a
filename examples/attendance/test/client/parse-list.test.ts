import { parseList } from '../../src/client/parse-list';

describe('parseList()', () => {
  it.each([
    ['x: []', []],
    ["x: ['042191010', '7']", ['042191010', '7']],
    [String.raw`['it\'s', "it's", 'a]b', 'a, b', '\\']`, ["it's", "it's", 'a]b', 'a, b', '\\']],
  ])('reads %j', (text, students) => {
    expect(parseList(text)).toEqual(students);
  });

  it.each(['', 'x', "['1'", "'1']", "['1'] e mais"])('finds none at the end of %j', (text) => {
    expect(parseList(text)).toBeUndefined();
  });

  it('reads a list of a hundred thousand', () => {
    const students = Array.from({ length: 100_000 }, (_, number) => String(number));
    expect(parseList(`[${students.map((student) => `'${student}'`).join(', ')}]`)).toEqual(students);
  });
});
