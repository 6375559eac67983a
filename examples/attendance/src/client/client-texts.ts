/**
 * What the two clients say in words of their own, in each language. Banners and prompts in Portuguese are those of the
 * lecture notes' clients. What a server says is shown as it came, in whatever language.
 */
import type { Language } from '@socketserver/host';

export interface ClientTexts {
  readonly language: Language;
  readonly teacher: {
    readonly banner: string;
    readonly prompt: string;
    /** What else can be entered. */
    readonly usage: string;
    readonly badInput: (shown: string) => string;
    /** The assignment's replies as sentences. */
    readonly opened: (turma: string, day: string, minute: string) => string;
    readonly closed: (turma: string, day: string, minute: string) => string;
    readonly consulted: (turma: string, day: string, minute: string) => string;
    readonly notOpen: (turma: string, day: string, minute: string) => string;
    readonly count: (students: number) => string;
    /** The request was sent and not answered: nobody knows whether it arrived. */
    readonly unknownEffect: (turma: string) => string;
    /** The server took a request of the assignment's for something else. */
    readonly unknownDialect: string;
  };
  readonly student: {
    readonly banner: string;
    readonly numberPrompt: string;
    readonly classPrompt: string;
    readonly usage: string;
    readonly badNumber: (shown: string) => string;
    readonly badClass: (shown: string) => string;
    /** The request had to be sent again, and the first one had arrived. */
    readonly registeredBefore: string;
    /** There was no reply, and sending again does no harm. */
    readonly mayRepeat: string;
  };
  readonly unreachable: (address: string, reason: string, attempts: number) => string;
  readonly lost: (address: string, reason: string, attempts: number) => string;
  readonly restored: (address: string) => string;
  readonly gaveUp: (address: string, reason: string, attempts: number) => string;
  /** Without a connection: the request is kept. */
  readonly waiting: string;
  /** Without a connection: the request is dropped. */
  readonly notSent: string;
  /** The request was entered before the connection was back, and is dropped. */
  readonly outdated: string;
  /** There was no reply, for another reason than a lost connection. */
  readonly noReply: (reason: string) => string;
  /** What had come of a reply that never became whole. */
  readonly partial: (shown: string) => string;
  /** Why something failed, by the codes of our own errors. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly help: Readonly<Record<'teacher' | 'student' | 'host' | 'port' | 'lang', string>>;
}

/** What a client does that is not left: it tries for as long as that takes. */
const persistence = {
  'pt-BR': 'Novas tentativas até conseguir (Ctrl-C para sair)',
  en: 'Trying until there is one (Ctrl-C to leave)',
} as const;

const portuguese: ClientTexts = {
  language: 'pt-BR',
  teacher: {
    banner: `
---------------[BEM VINDO]------------------
Olá Professor,
Bem vindo ao sistema de registro de presença!
Neste sistema é possível:
- Abrir chamada de uma matéria;
- Encerrar a chamada da mesma;
- Consultar a lista de alunos presentes;
---------------------------------------------
`,
    prompt: 'Digite o número da turma para iniciar/encerrar sua chamada: ',
    usage: 'Para ver a lista sem encerrar: 101/consultar. Também: 101/iniciar, 101/encerrar\nPara sair: Ctrl-D\n',
    badInput: (shown) =>
      `${shown} não é um número de turma: de 1 a 15 algarismos (0 a 9), não só zeros\nExemplos: 101, 101/consultar, 101/iniciar, 101/encerrar`,
    opened: (turma, day, minute) => `A chamada da turma ${turma} está aberta desde ${day} às ${minute}.`,
    closed: (turma, day, minute) => `A chamada da turma ${turma} foi encerrada em ${day} às ${minute}.`,
    consulted: (turma, day, minute) => `A chamada da turma ${turma} está aberta. Presentes em ${day} às ${minute}:`,
    notOpen: (turma, day, minute) => `A turma ${turma} não está com a chamada aberta (${day} às ${minute}).`,
    count: (students) => {
      if (students === 0) return 'Nenhum aluno presente';
      return students === 1 ? '1 aluno presente' : `${students} alunos presentes`;
    },
    unknownEffect: (turma) =>
      `Sem a resposta inteira, não se sabe se o pedido teve efeito; ele não foi repetido. Veja com ${turma}/consultar`,
    unknownDialect: 'Este servidor não parece conhecer esse pedido; o número da turma, sozinho, inicia e encerra.',
  },
  student: {
    banner: `
---------------[BEM VINDO]------------------
Olá Aluno,
Bem vindo ao sistema de registro de presença.
---------------------------------------------
`,
    numberPrompt: 'Informe seu número de matrícula: ',
    classPrompt: 'Informe o número da matéria em que deseja registrar presença: ',
    usage: 'Errou a matrícula? Deixe a matéria em branco para voltar\nPara sair: Ctrl-D\n',
    badNumber: (shown) => `${shown} não é um número de matrícula: de 1 a 20 algarismos (0 a 9), sem mais nada`,
    badClass: (shown) => `${shown} não é um número de matéria: de 1 a 15 algarismos (0 a 9), não só zeros`,
    registeredBefore: 'Tudo certo: a conexão caiu e o pedido foi repetido, mas a presença está registrada.',
    mayRepeat: 'Pode enviar de novo: cada presença conta uma vez só.',
  },
  unreachable: (address, reason, attempts) =>
    `Sem conexão com ${address}: ${reason}. ${attempts === Infinity ? persistence['pt-BR'] : `Até ${attempts} tentativas`}`,
  lost: (address, reason, attempts) =>
    `Conexão com ${address} perdida: ${reason}. ${attempts === Infinity ? persistence['pt-BR'] : 'Reconectando'}`,
  restored: (address) => `Conectado a ${address}`,
  gaveUp: (address, reason, attempts) =>
    `Sem resposta de ${address} após ${attempts} tentativas: ${reason}. Confira --host e --port`,
  waiting: 'Não há conexão: o pedido será enviado quando houver (Ctrl-C para sair)',
  notSent: 'Não há conexão: nada foi enviado. Repita o pedido quando houver',
  outdated: 'Digitado antes de a conexão voltar: nada foi enviado. Se ainda quiser, repita o pedido',
  noReply: (reason) => `Não houve resposta: ${reason}`,
  partial: (shown) => `O que chegou da resposta: ${shown}`,
  reasons: {
    ERR_ATTENDANCE_SERVER_GONE: 'o servidor encerrou a conexão',
    ERR_ATTENDANCE_REPLY_TIMEOUT: 'a resposta não chegou inteira a tempo',
    ERR_ATTENDANCE_REPLY_LENGTH: 'a resposta é longa demais; talvez não seja um servidor de chamada',
  },
  help: {
    teacher: 'Inicia, consulta e encerra a chamada de turmas',
    student: 'Registra a presença de alunos na chamada de uma turma',
    host: 'nome ou endereço IP do servidor',
    port: 'porta do servidor',
    lang: 'idioma dos textos: pt-BR ou en (as respostas do servidor são sempre em português)',
  },
};

const english: ClientTexts = {
  language: 'en',
  teacher: {
    banner: `
-----------------[WELCOME]-------------------
Hello Teacher,
Welcome to the attendance system!
Here you can:
- Open the roll call of a class;
- Close it;
- Look at the list of the students present;
---------------------------------------------
`,
    prompt: 'Enter the number of the class whose roll call to open/close: ',
    usage: 'To see the list without closing: 101/list. Also: 101/open, 101/close\nTo leave: Ctrl-D\n',
    badInput: (shown) =>
      `${shown} is not a class number: 1 to 15 digits (0 to 9), not only zeros\nExamples: 101, 101/list, 101/open, 101/close`,
    opened: (turma, day, minute) => `The roll call of class ${turma} has been open since ${day} at ${minute}.`,
    closed: (turma, day, minute) => `The roll call of class ${turma} was closed on ${day} at ${minute}.`,
    consulted: (turma, day, minute) => `The roll call of class ${turma} is open. Present on ${day} at ${minute}:`,
    notOpen: (turma, day, minute) => `The roll call of class ${turma} is not open (${day} at ${minute}).`,
    count: (students) => {
      if (students === 0) return 'No student is present';
      return students === 1 ? '1 student is present' : `${students} students are present`;
    },
    unknownEffect: (turma) =>
      `Without the whole reply it is not known whether the request took effect; it was not sent again. Look with ${turma}/list`,
    unknownDialect: 'This server does not seem to know that request; the class number alone opens and closes.',
  },
  student: {
    banner: `
-----------------[WELCOME]-------------------
Hello Student,
Welcome to the attendance system.
---------------------------------------------
`,
    numberPrompt: 'Enter your student number: ',
    classPrompt: 'Enter the number of the class to register in: ',
    usage: 'Wrong number? Leave the class empty to go back\nTo leave: Ctrl-D\n',
    badNumber: (shown) => `${shown} is not a student number: 1 to 20 digits (0 to 9), nothing else`,
    badClass: (shown) => `${shown} is not a class number: 1 to 15 digits (0 to 9), not only zeros`,
    registeredBefore:
      'All is well: the connection broke and the request was sent again, but the presence is registered.',
    mayRepeat: 'It is safe to send it again: a presence counts only once.',
  },
  unreachable: (address, reason, attempts) =>
    `No connection to ${address}: ${reason}. ${attempts === Infinity ? persistence.en : `Up to ${attempts} attempts`}`,
  lost: (address, reason, attempts) =>
    `Lost the connection to ${address}: ${reason}. ${attempts === Infinity ? persistence.en : 'Reconnecting'}`,
  restored: (address) => `Connected to ${address}`,
  gaveUp: (address, reason, attempts) =>
    `No answer from ${address} after ${attempts} attempts: ${reason}. Check --host and --port`,
  waiting: 'There is no connection: the request will be sent when there is one (Ctrl-C to leave)',
  notSent: 'There is no connection: nothing was sent. Repeat the request when there is one',
  outdated: 'Entered before the connection was back: nothing was sent. If you still want it, repeat the request',
  noReply: (reason) => `There was no reply: ${reason}`,
  partial: (shown) => `What came of the reply: ${shown}`,
  reasons: {
    ERR_ATTENDANCE_SERVER_GONE: 'the server ended the connection',
    ERR_ATTENDANCE_REPLY_TIMEOUT: 'the reply did not become whole in time',
    ERR_ATTENDANCE_REPLY_LENGTH: 'the reply is too long; this may not be a roll call server',
  },
  help: {
    teacher: 'Opens, shows and closes the roll call of classes',
    student: 'Registers students in the roll call of a class',
    host: 'name or IP address of the server',
    port: 'port of the server',
    lang: "language of the texts: pt-BR or en (the server's replies are always in Portuguese)",
  },
};

/** The texts by language. */
export const clientTexts: Readonly<Record<Language, ClientTexts>> = { 'pt-BR': portuguese, en: english };
