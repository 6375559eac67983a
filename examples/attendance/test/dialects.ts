import type { Act, Answer } from './class-model';

/** What a client says, and how it understands what it is told. */
export interface Request {
  readonly text: string;
  readonly act: Act;
  readonly student: string;
  /** Matches its reply at the beginning of what has come, once all of the reply has. */
  readonly reply: RegExp;
  readonly understand: (match: RegExpExecArray) => Answer;
}

const DAY = '\\d\\d/\\d\\d/\\d{4}';
const TIME = '\\d\\d:\\d\\d';
const LIST = "\\[((?:'\\d+'(?:, )?)*)\\]";

/** What a teacher types in the dialect of the lecture notes' program. @param typed the class number */
export function toggling(typed: string): Request {
  const opened = `foi ativada em ${DAY} às ${TIME}!`;
  const closed = `foi encerrada em ${DAY} às ${TIME}! Os seguintes alunos registraram presença: ${LIST}`;
  return {
    text: `${typed},teacher`,
    act: 'toggle',
    student: '',
    reply: new RegExp(`^A chamada da turma ${typed} (?:${opened}|${closed})`),
    understand: ([, list]) =>
      list === undefined ? { outcome: 'opened' } : { outcome: 'closed', students: listOf(list) },
  };
}

/** What a student types in that dialect. */
export function registering(student: string, typed: string): Request {
  const replies = [
    `(Presença registrada) com sucesso na turma ${typed} em ${DAY} às ${TIME}!`,
    '(Você já registrou) sua presença nesta turma!',
    `Esta turma não está com presença ativa. Solicitação rejeitada em ${DAY} às ${TIME}`,
  ];
  return {
    text: `${student}/${typed},student`,
    act: 'register',
    student,
    reply: new RegExp(`^(?:${replies.join('|')})`),
    understand: ([, first, again]) => {
      return { outcome: first !== undefined ? 'registered' : again !== undefined ? 'repeated' : 'not-open' };
    },
  };
}

/** What a teacher types in the assignment's dialect. */
export function acting(typed: string, verb: 'iniciar' | 'encerrar' | 'consultar'): Request {
  const list = verb === 'iniciar' ? '' : `,${LIST}`;
  return {
    text: `${typed}/${verb},professor`,
    act: verb === 'iniciar' ? 'open' : verb === 'encerrar' ? 'close' : 'consult',
    student: '',
    reply: new RegExp(`^(0|${typed}),${DAY},${TIME}${list}`),
    understand: ([, turma, list = '']) => {
      if (verb === 'iniciar') return { outcome: turma === '0' ? 'not-open' : 'begun' };
      const outcome = turma === '0' ? 'not-open' : verb === 'encerrar' ? 'closed' : 'open';
      return { outcome, students: listOf(list) };
    },
  };
}

/** What a student types in that dialect. */
export function answering(student: string, typed: string): Request {
  return {
    text: `${student}/${typed},aluno`,
    act: 'register',
    student,
    reply: new RegExp(`^(0|${typed}),${DAY},${TIME}`),
    understand: ([, turma]) => ({ outcome: turma === '0' ? 'not-open' : 'present' }),
  };
}

/** Students of a Python list, without its brackets. */
function listOf(text: string): string[] {
  return text === '' ? [] : text.slice(1, -1).split("', '");
}
