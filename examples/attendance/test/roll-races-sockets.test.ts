import { Random } from '@socketserver/testing';

import { acting, answering, registering, type Request, toggling } from './dialects';
import { History } from './history';
import { RollClient } from './roll-client';
import { RollServer, concurrent } from './roll-server';
import { look } from './storage';

const given = process.env.SOCKETSERVER_SEED;
const seed = (given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)) >>> 0;

const CLASSES = ['101', '102', '103', '104', '105'];
const STUDENTS = Array.from({ length: 40 }, (_, number) => String(number).padStart(4, '0'));
const TEACHERS = 10;
const PUPILS = 30;
/** How often each client asks; each time one request, or some at once. */
const ROUNDS = 80;

/** A request, and the class that it is about, however it is typed. */
interface Asked extends Request {
  readonly classNumber: string;
}

/** One of these is drawn each time. */
const teaching: readonly ((typed: string) => Request)[] = [
  toggling,
  toggling,
  (typed) => acting(typed, 'iniciar'),
  (typed) => acting(typed, 'iniciar'),
  (typed) => acting(typed, 'iniciar'),
  (typed) => acting(typed, 'encerrar'),
  (typed) => acting(typed, 'consultar'),
  (typed) => acting(typed, 'consultar'),
  (typed) => acting(typed, 'consultar'),
];

function asTeacher(random: Random): Asked {
  const classNumber = random.pick(CLASSES);
  return { classNumber, ...random.pick(teaching)(typed(classNumber, random)) };
}

function asPupil(random: Random): Asked {
  const classNumber = random.pick(CLASSES);
  const register = random.chance(0.6) ? registering : answering;
  return { classNumber, ...register(random.pick(STUDENTS), typed(classNumber, random)) };
}

/** With leading zeros, at times: it is the same class. */
function typed(classNumber: string, random: Random): string {
  return random.chance(0.1) ? `00${classNumber}` : classNumber;
}

/** Sends requests as one text, cut anywhere, and notes in the history what each was answered. */
async function ask(client: RollClient, history: History, random: Random, ...requests: Asked[]): Promise<void> {
  const noteAnswers = requests.map(({ classNumber, act, student }) => history.begin(classNumber, act, student));
  const sent = client.send(requests, random);
  for (const noteAnswer of noteAnswers) noteAnswer((await client.answer()) ?? gone());
  await sent;
}

function gone(): never {
  throw new Error('the server has ended a connection');
}

/** Every session that is closed in the database, as the history has them. */
function closedSessions(folder: string): { classNumber: string; students: string[] }[] {
  const rows = look<{ classNumber: string; students: string | null }>(
    folder,
    `SELECT class AS classNumber, (
       SELECT group_concat(student) FROM (SELECT student FROM presences WHERE session = sessions.id ORDER BY id)
     ) AS students FROM sessions WHERE closed_at IS NOT NULL`,
  );
  return rows.map(({ classNumber, students }) => ({ classNumber, students: students?.split(',') ?? [] }));
}

/** In an order that does not depend on time. */
function sorted(sessions: readonly { classNumber: string; students: readonly string[] }[]): string[] {
  return sessions.map(({ classNumber, students }) => `${classNumber}: ${students.join()}`).sort();
}

describe.each(concurrent)(`the roll call with many clients, %s, SOCKETSERVER_SEED=${seed}`, (strategy) => {
  it('answers them as if one came after the other, and has written down what it has answered', async () => {
    await using server = await RollServer.open(strategy);
    const history = new History();
    const random = new Random(seed);
    const clients = await Promise.all(Array.from({ length: TEACHERS + PUPILS }, () => RollClient.connect(server.port)));

    const work = async (client: RollClient, index: number) => {
      const own = new Random(seed + index);
      const next = index < TEACHERS ? asTeacher : asPupil;
      for (let round = 0; round < ROUNDS; round += 1) {
        const count = own.chance(0.3) ? own.int(2, 4) : 1;
        await ask(client, history, own, ...Array.from({ length: count }, () => next(own)));
      }
    };
    await Promise.all(clients.map(work));
    for (const classNumber of CLASSES) {
      await ask(clients[0]!, history, random, { classNumber, ...acting(classNumber, 'consultar') });
      await ask(clients[0]!, history, random, { classNumber, ...acting(classNumber, 'encerrar') });
    }
    for (const client of clients) client.close();

    expect(history.faults()).toEqual([]);
    expect(history.size).toBeGreaterThan(4000);
    for (const outcome of ['registered', 'repeated', 'present', 'not-open', 'closed', 'open'] as const) {
      expect([outcome, history.count(outcome) > 20]).toEqual([outcome, true]);
    }
    expect(sorted(closedSessions(server.folder))).toEqual(sorted(history.closings()));
  });
});
