import { languageOf } from '../src/language';

describe('languageOf()', () => {
  it.each([
    [[], 'pt-BR'],
    [['--lang', 'en'], 'en'],
    [['--lang=en', '--port', '1'], 'en'],
    [['--lang', 'en', '--lang=pt-BR'], 'pt-BR'],
    [['--lang=pt-BR', '--lang', 'en'], 'en'],
    [['--language', 'en'], 'pt-BR'],
    [['en'], 'pt-BR'],
    [['--lang'], 'pt-BR'],
    [['--lang', 'fr'], 'pt-BR'],
  ])('reads %j as %s', (argv, language) => {
    expect(languageOf(argv)).toBe(language);
  });

  it('gives the fallback for a line that asks for no language that there is', () => {
    expect([languageOf([], 'en'), languageOf(['--lang', 'fr'], 'en')]).toEqual(['en', 'en']);
    expect(languageOf(['--lang', 'pt-BR'], 'en')).toBe('pt-BR');
  });
});
