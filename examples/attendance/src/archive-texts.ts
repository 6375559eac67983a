/** What the commands that read the archive say to people. */
import type { Language } from '@socketserver/host';

export interface ArchiveTexts {
  /** A report. */
  readonly heading: (classNumber: string, sessions: number) => string;
  readonly stillOpen: string;
  readonly present: (students: number) => string;
  readonly byStudent: string;
  readonly presentIn: (sessions: number, total: number) => string;
  /** The header of a CSV file: class, opened, closed, student, registered. */
  readonly columns: readonly string[];
  /** Why there is nothing to show. */
  readonly nothingYet: (folder: string) => string;
  readonly noSessions: (classNumber: string) => string;
  readonly unreadable: (why: string) => string;
  readonly notWritten: (detail: string) => string;
  /** What cannot be used. */
  readonly badClass: (typed: string) => string;
  readonly badDay: (flag: string, typed: string) => string;
  readonly fromAfterTo: (from: string, to: string) => string;
  readonly unknownCommand: (name: string) => string;
  /** The help. */
  readonly help: Readonly<
    Record<'overview' | 'report' | 'export' | 'class' | 'from' | 'to' | 'separator' | 'lang', string>
  >;
}

const elsewhere = 'ou indique outra pasta com --set dataDir=…';

const portuguese: ArchiveTexts = {
  heading: (classNumber, sessions) => `Turma ${classNumber}: ${counted(sessions, 'chamada', 'chamadas')}`,
  stillOpen: 'em andamento',
  present: (students) => counted(students, 'presente', 'presentes'),
  byStudent: 'Presenças por aluno',
  presentIn: (sessions, total) => `${sessions} de ${total} (${percent(sessions, total)})`,
  columns: ['turma', 'abertura', 'encerramento', 'aluno', 'registro'],
  nothingYet: (folder) => `erro: ainda não há chamadas em ${folder}; inicie o servidor, ${elsewhere}`,
  noSessions: (classNumber) => `erro: a turma ${classNumber} não tem chamadas guardadas; confira o número`,
  unreadable: (why) => `erro: ${why}`,
  notWritten: (detail) => `erro: a saída não pôde ser escrita: ${detail}`,
  badClass: (typed) => `erro: turma ${typed}: esperado um inteiro positivo, de até 15 algarismos`,
  badDay: (flag, typed) => `erro: ${flag} ${typed}: esperado um dia, como 2026-11-19`,
  fromAfterTo: (from, to) => `erro: --from ${from} é depois de --to ${to}`,
  unknownCommand: (name) => `erro: comando ${name} desconhecido; existem serve, report e export`,
  help: {
    overview: `Uso: npm run attendance -- [comando] [opções]

Chamada de presença: um servidor para professores e alunos, e o que ele guardou.

Comandos:
  serve [opções]             inicia o servidor; é o que acontece sem comando
  report <turma> [opções]    mostra as chamadas de uma turma e as presenças de cada aluno
  export <turma> [opções]    escreve as presenças de uma turma em CSV

As opções de cada um: npm run attendance -- <comando> --help
`,
    report: 'Mostra as chamadas de uma turma, da mais nova à mais antiga, e as presenças de cada aluno',
    export:
      'Escreve as presenças de uma turma em CSV na saída padrão; uma chamada sem presenças tem uma linha sem aluno',
    class: 'o número da turma',
    from: 'só chamadas abertas neste dia ou depois, como 2026-11-01',
    to: 'só chamadas abertas neste dia ou antes, como 2026-11-30',
    separator: 'o que separa as colunas: , ou ;',
    lang: 'idioma dos textos: pt-BR ou en',
  },
};

const orElsewhere = 'or name another folder with --set dataDir=…';

const english: ArchiveTexts = {
  heading: (classNumber, sessions) => `Class ${classNumber}: ${counted(sessions, 'session', 'sessions')}`,
  stillOpen: 'still open',
  present: (students) => `${students} present`,
  byStudent: 'Presences by student',
  presentIn: (sessions, total) => `${sessions} of ${total} (${percent(sessions, total)})`,
  columns: ['class', 'opened', 'closed', 'student', 'registered'],
  nothingYet: (folder) => `error: there are no sessions in ${folder} yet; start the server, ${orElsewhere}`,
  noSessions: (classNumber) => `error: class ${classNumber} has no sessions that were kept; check its number`,
  unreadable: (why) => `error: ${why}`,
  notWritten: (detail) => `error: the output could not be written: ${detail}`,
  badClass: (typed) => `error: class ${typed}: expected a positive integer of at most 15 digits`,
  badDay: (flag, typed) => `error: ${flag} ${typed}: expected a day, such as 2026-11-19`,
  fromAfterTo: (from, to) => `error: --from ${from} is after --to ${to}`,
  unknownCommand: (name) => `error: unknown command ${name}; there are serve, report and export`,
  help: {
    overview: `Usage: npm run attendance -- [command] [options]

A roll call: a server for teachers and students, and what it has kept.

Commands:
  serve [options]            starts the server; so does no command
  report <class> [options]   shows the sessions of a class and how often each student was present
  export <class> [options]   writes the presences of a class as CSV

The options of each: npm run attendance -- <command> --help
`,
    report: 'Shows the sessions of a class, the newest first, and how often each student was present',
    export:
      'Writes the presences of a class as CSV to standard output; a session without any has one line without a student',
    class: 'number of the class',
    from: 'only sessions opened on this day or later, such as 2026-11-01',
    to: 'only sessions opened on this day or earlier, such as 2026-11-30',
    separator: 'what separates the columns: , or ;',
    lang: 'language of the texts: pt-BR or en',
  },
};

/** The texts by language. */
export const archiveTexts: Readonly<Record<Language, ArchiveTexts>> = { 'pt-BR': portuguese, en: english };

function counted(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)}%`;
}
