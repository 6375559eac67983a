/** How dates and lists look on the wire, and what is said when something is wrong: in Portuguese, as all of the protocol. */

/** `19/11/2026`, local time. @param at milliseconds since 1970 */
export function day(at: number): string {
  const date = new Date(at);
  return `${two(date.getDate())}/${two(date.getMonth() + 1)}/${String(date.getFullYear()).padStart(4, '0')}`;
}

/** `08:05`, local time. @param at milliseconds since 1970 */
export function minute(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Python's repr of a list of students: `['042191010', '205182055']`. */
export function formatList(students: readonly string[]): string {
  return `[${students.map((student) => `'${student}'`).join(', ')}]`;
}

/** What is answered instead of a reply. None of it ends like one, and all of it begins with `Erro: `. */
export const errors = {
  notARequest: 'Erro: pedido não reconhecido. Envie <turma>,teacher ou <matrícula>/<turma>,student',
  notAnAct:
    'Erro: envie <turma>/iniciar, <turma>/encerrar ou <turma>/consultar,professor; ou <matrícula>/<turma>,aluno',
  notARegistration: 'Erro: envie <matrícula>/<turma>,student',
  tooLong: 'Erro: pedido com mais de 1024 bytes',
  badClass: 'Erro: o número da turma deve ser um inteiro positivo, de até 15 algarismos',
  badStudent: 'Erro: a matrícula deve ter de 1 a 20 algarismos',
  classFull: 'Erro: a chamada desta turma está cheia',
  tooManyClasses: 'Erro: há chamadas demais abertas; encerre alguma e tente novamente',
  noSpace: 'Erro: o servidor está sem espaço em disco e nada foi registrado; tente novamente mais tarde',
  notWritten: 'Erro: o servidor não conseguiu gravar e nada foi registrado; tente novamente mais tarde',
} as const;

function two(number: number): string {
  return String(number).padStart(2, '0');
}
