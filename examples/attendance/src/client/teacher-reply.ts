import type { ClientTexts } from './client-texts';
import { parseList } from './parse-list';
import type { TeacherRequest } from './teacher-request';

/** A reply to a teacher, made for reading. */
export interface TeacherReply {
  /** What it says. */
  readonly sentence: string;
  /** The students that it lists; undefined when it lists none, not even nobody. */
  readonly students: readonly string[] | undefined;
  /** The server took a request of the assignment's dialect for one of the notes' program. */
  readonly isMisunderstood: boolean;
}

const fields = /^(\d{1,15}),(\d{2}\/\d{2}\/\d{4}),(\d{2}:\d{2})(?:,\[.*)?$/s;

/** Reads a reply: the notes' sentences stay as they are, the assignment's fields become one. */
export function readTeacherReply(reply: string, { act, turma }: TeacherRequest, texts: ClientTexts): TeacherReply {
  const students = parseList(reply);
  const [, id, day = '', minute = ''] = fields.exec(reply) ?? [];
  if (act === 'toggle') return { sentence: reply, students, isMisunderstood: false };
  if (id === undefined) return { sentence: reply, students, isMisunderstood: !reply.startsWith('Erro: ') };
  const { opened, closed, consulted, notOpen } = texts.teacher;
  if (Number(id) === 0) return { sentence: notOpen(turma, day, minute), students: undefined, isMisunderstood: false };
  const sentence = { open: opened, close: closed, consult: consulted }[act](turma, day, minute);
  return { sentence, students, isMisunderstood: false };
}
