import { reasonFor, texts } from '../src/texts';

describe('texts', () => {
  it('has a text for the same reasons in every language', () => {
    expect(Object.keys(texts.en.reasons)).toEqual(Object.keys(texts['pt-BR'].reasons));
  });

  it('gives the reason in the language, or what the error says', () => {
    const refused = Object.assign(new Error('connect: refused'), { code: 'ECONNREFUSED' });
    expect(reasonFor(refused, texts['pt-BR'])).toBe('conexão recusada');
    expect(reasonFor(refused, texts.en)).toBe('connection refused');
    expect(reasonFor(new Error('out of coffee'), texts.en)).toBe('out of coffee');
    expect(reasonFor('a string', texts.en)).toBe('a string');
    expect(reasonFor(undefined, texts.en)).toBe('undefined');
  });
});
