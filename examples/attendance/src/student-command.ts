/** `npm run attendance:student`: registers students, one after the other, in the roll call of a class. */
import { exit } from '@socketserver/host';

import { type ClientRole, clientCommand, ownSetting } from './client/client-command';
import type { Conversation } from './client/conversation';
import { parseClass, parseStudent } from './fields';

/** Students, who enter their number and that of a class. */
export const student: ClientRole = { name: 'student', converse };

const REPEATED = 'Você já registrou sua presença nesta turma!';

async function converse(conversation: Conversation): Promise<void> {
  const { console, texts } = conversation;
  const { numberPrompt, classPrompt, badNumber, badClass, registeredBefore, mayRepeat } = texts.student;
  for (;;) {
    const number = await conversation.askFor(numberPrompt, parseStudent, badNumber);
    if (number === undefined) return;
    if (number === '') continue;
    const turma = await conversation.askFor(classPrompt, (line) => parseClass(line)?.typed, badClass);
    if (turma === undefined) return;
    if (turma === '') continue;
    // Who is registered stays so, however often it is sent.
    const answer = await conversation.request(`${number}/${turma},student`, true, mayRepeat);
    if (answer === undefined) continue;
    conversation.show([answer.reply]);
    if (answer.isRepeated && answer.reply === REPEATED) console.say(registeredBefore);
  }
}

if (require.main === module) void clientCommand(student, process.argv.slice(2), ownSetting()).then(exit);
