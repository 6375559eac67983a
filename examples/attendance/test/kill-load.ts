/**
 * Teachers and students, who speak both dialects and write down in a ledger what they ask for and what they are told.
 * Each sends a request, waits for its reply, and goes on until the server is gone.
 */
import type { Random } from '@socketserver/testing';
import { once } from 'node:events';
import net from 'node:net';

import type { Ledger, Outcome } from './kills-ledger';

const DATE = '\\d{2}/\\d{2}/\\d{4}';
const TIME = '\\d{2}:\\d{2}';
const fields = (more: string) => new RegExp(`^(\\d+),${DATE},${TIME}${more}$`);
const says = (text: string) => new RegExp(`^${text.replace('@', `${DATE} às ${TIME}`)}$`);

const replies = {
  opened: says('A chamada da turma (\\d+) foi ativada em @!'),
  closed: says('A chamada da turma (\\d+) foi encerrada em @! Os seguintes alunos registraram presença: (\\[.*\\])'),
  registered: /^(Presença registrada)[^!]*!$|^(Você já registrou)[^!]*!$|^(Esta turma não está)[^!]*:\d\d$/,
  fields: fields(''),
  list: fields(',(\\[.*\\])'),
};

/** A connection, on which one request at a time waits for its reply. */
export class KillClient {
  readonly #socket: net.Socket;
  #text = '';
  #news: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').setNoDelay();
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#news();
    });
    // A reset is what a killed server leaves.
    socket.on('error', () => undefined).on('close', () => this.#news());
  }

  static async connect(port: number): Promise<KillClient> {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const client = new KillClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** @returns the reply, when all of it is there and fits; undefined when the server is gone. Rejects if another came */
  async ask(request: string, complete: RegExp): Promise<RegExpExecArray | undefined> {
    this.#socket.write(request);
    for (;;) {
      const match = complete.exec(this.#text);
      const isOver = this.#socket.destroyed;
      if (match !== null) {
        this.#text = '';
        return match;
      }
      // A reply is sent in one piece: even a kill leaves all of it or nothing.
      if (this.#text.startsWith('Erro') || (isOver && this.#text !== '')) {
        throw new Error(`'${request}' was answered with '${this.#text}'`);
      }
      if (isOver) return undefined;
      await new Promise<void>((resolve) => (this.#news = resolve));
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Asks who is in a class. @returns undefined when it is not open */
export async function consult(client: KillClient, classNumber: string): Promise<string[] | undefined> {
  const reply = await client.ask(`${classNumber}/consultar,professor`, replies.list);
  if (reply === undefined) throw new Error(`the server has ended before it told who is in class ${classNumber}`);
  return reply[1] === '0' ? undefined : listOf(reply[2]!);
}

/** Opens a class, looks at it some times, closes it, and begins again. Resolves when the server is gone. */
export async function teach(client: KillClient, classNumber: string, ledger: Ledger, random: Random): Promise<void> {
  for (;;) {
    let session = ledger.openSession(classNumber);
    if (session === undefined) {
      session = ledger.askToOpen(classNumber);
      const reply = await (random.chance(0.5)
        ? client.ask(`${classNumber},teacher`, replies.opened)
        : client.ask(`${classNumber}/iniciar,professor`, replies.fields));
      if (reply === undefined) return;
      expectClass(reply, classNumber);
      ledger.opened(session);
    }
    for (let looks = random.int(0, 30); looks > 0; looks -= 1) {
      const reply = await client.ask(`${classNumber}/consultar,professor`, replies.list);
      if (reply === undefined) return;
      expectClass(reply, classNumber);
      ledger.shown(session, listOf(reply[2]!));
    }
    ledger.askToClose(session);
    const reply = await (random.chance(0.5)
      ? client.ask(`${classNumber},teacher`, replies.closed)
      : client.ask(`${classNumber}/encerrar,professor`, replies.list));
    if (reply === undefined) return;
    expectClass(reply, classNumber);
    ledger.closed(session, listOf(reply[2]!));
  }
}

/** Where students' numbers come from. */
export class Enrolment {
  #count = 0;
  readonly #latest = new Map<string, string>();

  constructor(readonly random: Random) {}

  /** A student for a class: mostly a new one, at times the one who was there last, and may still be waiting. */
  next(classNumber: string): string {
    const latest = this.#latest.get(classNumber);
    if (latest !== undefined && this.random.chance(0.2)) return latest;
    this.#count += 1;
    const student = String(this.#count).padStart(9, '0');
    this.#latest.set(classNumber, student);
    return student;
  }
}

/** Registers one student after the other. Resolves when the server is gone. */
export async function study(
  client: KillClient,
  classNumbers: readonly string[],
  ledger: Ledger,
  enrolment: Enrolment,
): Promise<void> {
  const { random } = enrolment;
  for (;;) {
    const classNumber = random.pick(classNumbers);
    const student = enrolment.next(classNumber);
    const attempt = ledger.askToRegister(student, classNumber);
    const outcome = await (random.chance(0.5)
      ? registerAsNoted(client, student, classNumber)
      : registerAsAssigned(client, student, classNumber));
    if (outcome === undefined) return;
    ledger.answered(attempt, outcome);
  }
}

async function registerAsNoted(client: KillClient, student: string, classNumber: string): Promise<Outcome | undefined> {
  const reply = await client.ask(`${student}/${classNumber},student`, replies.registered);
  if (reply === undefined) return undefined;
  if (reply[1] !== undefined) return 'registered';
  return reply[2] === undefined ? 'refused' : 'repeated';
}

async function registerAsAssigned(
  client: KillClient,
  student: string,
  classNumber: string,
): Promise<Outcome | undefined> {
  const reply = await client.ask(`${student}/${classNumber},aluno`, replies.fields);
  if (reply === undefined) return undefined;
  return reply[1] === '0' ? 'refused' : 'present';
}

/** The class is open as far as its one teacher knows: zero, or another, would be wrong. */
function expectClass(reply: RegExpExecArray, classNumber: string): void {
  if (reply[1] !== classNumber) throw new Error(`the teacher of class ${classNumber} was answered '${reply[0]}'`);
}

function listOf(python: string): string[] {
  return JSON.parse(python.replaceAll("'", '"')) as string[];
}
