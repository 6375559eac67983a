/** `npm run attendance:teacher`: opens, shows and closes the roll call of classes. */
import { exit } from '@socketserver/host';

import { type ClientRole, clientCommand, ownSetting } from './client/client-command';
import type { Conversation } from './client/conversation';
import { readTeacherReply } from './client/teacher-reply';
import { parseTeacherRequest, type TeacherRequest } from './client/teacher-request';

/** A teacher, who enters class numbers. */
export const teacher: ClientRole = { name: 'teacher', converse };

async function converse(conversation: Conversation): Promise<void> {
  const { prompt, badInput } = conversation.texts.teacher;
  for (;;) {
    const request = await conversation.askFor(prompt, parseTeacherRequest, badInput);
    if (request === undefined) return;
    if (request !== '') await perform(request, conversation);
  }
}

async function perform(request: TeacherRequest, conversation: Conversation): Promise<void> {
  const { console, texts } = conversation;
  const { text, isRepeatable, turma } = request;
  const answer = await conversation.request(text, isRepeatable, isRepeatable ? '' : texts.teacher.unknownEffect(turma));
  if (answer === undefined) return;
  const { sentence, students, isMisunderstood } = readTeacherReply(answer.reply, request, texts);
  conversation.show([sentence]);
  if (isMisunderstood) console.warn(texts.teacher.unknownDialect);
  if (students === undefined) return;
  if (students.length > 0) conversation.show(students);
  console.say(texts.teacher.count(students.length));
}

if (require.main === module) void clientCommand(teacher, process.argv.slice(2), ownSetting()).then(exit);
