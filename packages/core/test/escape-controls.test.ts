import { escapeControls } from '../src/escape-controls';

describe('escapeControls()', () => {
  it.each([
    ['a colour', '\u001b[31mred', '\\x1b[31mred'],
    ['a forged line', 'one\r\ntwo', 'one\\x0d\\x0atwo'],
    ['a bell and DEL', '\u0007\u007f', '\\x07\\x7f'],
    ['a C1 control', '\u009b2J', '\\x9b2J'],
    ['a right-to-left override', 'a\u202eb', 'a\\u202eb'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ])('shows %s', (_what, text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  it('leaves letters, accents and emoji alone', () => {
    expect(escapeControls('Memória Disponível: 50.4% 🙂')).toBe('Memória Disponível: 50.4% 🙂');
  });

  it('keeps what it is told to keep', () => {
    expect(escapeControls('a\n\tb', '\n')).toBe('a\n\\x09b');
  });
});
