/** The languages that the texts of commands come in. */

/** Every language, the one that is spoken unless another is asked for first. */
export const languages = ['pt-BR', 'en'] as const;
/** A language, as `--lang` names it. */
export type Language = (typeof languages)[number];

/**
 * The language that a command line asks for by `--lang`. To be read before the line is parsed: its help and its faults
 * are told in that language, too.
 *
 * @param fallback for a line that asks for none, or for one that there is not. @default 'pt-BR'
 */
export function languageOf(argv: readonly string[], fallback: Language = 'pt-BR'): Language {
  const at = argv.findLastIndex((argument) => /^--lang(=|$)/.test(argument));
  const inline = /^--lang=(.*)$/.exec(argv[at] ?? '')?.[1];
  const asked = at === -1 ? undefined : (inline ?? argv[at + 1]);
  return languages.find((language) => language === asked) ?? fallback;
}
