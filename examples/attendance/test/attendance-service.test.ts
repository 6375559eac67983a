import { ManualClock } from '@socketserver/core';

import { AttendanceService } from '../src/attendance-service';
import { ClassType } from '../src/class-type';
import { DurableRoll } from '../src/durable-roll';
import { ClassNumberError, StorageError, StudentNumberError } from '../src/errors';
import { settings } from '../src/settings';
import { MemoryStore } from './memory-store';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';
const refused = 'Esta turma não está com presença ativa. Solicitação rejeitada em 19/11/2026 às 08:05';
const repeated = 'Você já registrou sua presença nesta turma!';

let clock: ManualClock;
let store: MemoryStore;
let service: AttendanceService;

async function start(given: object = {}): Promise<void> {
  clock = new ManualClock(new Date(2026, 10, 19, 8, 5, 30));
  store = new MemoryStore();
  const roll = new DurableRoll(store, clock, quiet, settings.parse(given));
  await roll.restore();
  service = new AttendanceService(roll, clock);
}

beforeEach(() => start());

/** Sends each request and compares its reply. */
async function converse(...exchange: [request: string, reply: string][]): Promise<void> {
  for (const [request, reply] of exchange)
    expect([request, await service.handleMessage(request)]).toEqual([request, reply]);
}

describe("the program's dialect", () => {
  it('opens, registers, refuses duplicates and closes, byte for byte', async () => {
    await converse(
      ['042191010/101,student', refused],
      ['101,teacher', opened],
      ['042191010/101,student', 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!'],
      ['042191010/101,student', repeated],
      ['205182055/101,student', 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!'],
      ['205182055/102,student', refused],
    );
    clock.advance(95 * 60_000);
    await converse(
      [
        '101,teacher',
        "A chamada da turma 101 foi encerrada em 19/11/2026 às 09:40! Os seguintes alunos registraram presença: ['042191010', '205182055']",
      ],
      ['205182055/101,student', refused.replace('08:05', '09:40')],
      ['101,teacher', opened.replace('08:05', '09:40')],
      [
        '101,teacher',
        'A chamada da turma 101 foi encerrada em 19/11/2026 às 09:40! Os seguintes alunos registraram presença: []',
      ],
    );
  });

  it('takes leading zeros for the same class, and repeats what was typed', async () => {
    await converse(
      ['007,teacher', opened.replace('101', '007')],
      ['1/7,student', 'Presença registrada com sucesso na turma 7 em 19/11/2026 às 08:05!'],
      ['1/07,student', repeated],
      [
        '07,teacher',
        "A chamada da turma 07 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['1']",
      ],
    );
  });
});

describe("the assignment's dialect", () => {
  it('starts and ends as separate acts, and says zero to refuse', async () => {
    await converse(
      ['101/encerrar,professor', '0,19/11/2026,08:05,[]'],
      ['101/consultar,professor', '0,19/11/2026,08:05,[]'],
      ['042191010/101,aluno', '0,19/11/2026,08:05'],
      ['101/iniciar,professor', '101,19/11/2026,08:05'],
    );
    clock.advance(60_000);
    await converse(['101/iniciar,professor', '101,19/11/2026,08:05'], ['042191010/101,aluno', '101,19/11/2026,08:06']);
    clock.advance(60_000);
    await converse(
      ['042191010/101,aluno', '101,19/11/2026,08:06'],
      ['101/consultar,professor', "101,19/11/2026,08:07,['042191010']"],
      ['101/encerrar,professor', "101,19/11/2026,08:07,['042191010']"],
      ['101/encerrar,professor', '0,19/11/2026,08:07,[]'],
      ['042191010/101,aluno', '0,19/11/2026,08:07'],
    );
  });

  it.each([
    ['abc/iniciar,professor', '0,19/11/2026,08:05'],
    ['0/iniciar,professor', '0,19/11/2026,08:05'],
    ['0/encerrar,professor', '0,19/11/2026,08:05,[]'],
    ['-1/consultar,professor', '0,19/11/2026,08:05,[]'],
    ['1/0,aluno', '0,19/11/2026,08:05'],
    ['abc/101,aluno', '0,19/11/2026,08:05'],
  ])('refuses what cannot exist: %j', async (request, reply) => {
    await converse(['101/iniciar,professor', '101,19/11/2026,08:05'], [request, reply]);
  });

  it('shares its classes with the other dialect', async () => {
    await converse(
      ['101/iniciar,professor', '101,19/11/2026,08:05'],
      ['1/101,student', 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!'],
      ['1/101,aluno', '101,19/11/2026,08:05'],
      ['2/101,aluno', '101,19/11/2026,08:05'],
      ['2/101,student', repeated],
      [
        '101,teacher',
        "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['1', '2']",
      ],
    );
  });
});

describe('what is no request', () => {
  it.each([
    '',
    'x',
    ',',
    ',teacher',
    ',student',
    '42,student',
    '1,2/3,student',
    '1/2/3,student',
    '101,Teacher',
    '101,teacher\n',
    'abc,teacher',
    '0,teacher',
    '-1,teacher',
    '1.5,teacher',
    '１０１,teacher',
    '1/abc,student',
    'abc/1,student',
    '/,student',
    '101/teacher',
    '101/abrir,professor',
    '101,professor',
    '1/2/iniciar,professor',
    '101,aluno',
    `${'1'.repeat(1100)},teacher`,
    'é'.repeat(600),
    '\ufffd'.repeat(400),
    '\x1b[2J/101,student',
    '\ufffd,teacher',
    '__proto__,teacher',
    'constructor/1,student',
  ])('is answered with a short error in Portuguese: %j', async (text) => {
    const reply = await service.handleMessage(text);
    expect(reply).toMatch(/^Erro: [^\p{Cc}]{10,120}$/u);
    expect(store.batches).toEqual([]);
  });
});

it('says that a request is too long only when it is', async () => {
  expect(await service.handleMessage(`${'1'.repeat(1100)},teacher`)).toBe('Erro: pedido com mais de 1024 bytes');
  expect(await service.handleMessage('\ufffd'.repeat(400))).toMatch(/não reconhecido/);
});

describe("the notes' seven methods", () => {
  it('add, remove and look at classes', async () => {
    const turma = new ClassType('101');
    turma.addStudent('042191010');
    await service.addClass(turma);
    expect(await service.isClassActive('101')).toBe(true);
    expect(await service.isClassActive('0101')).toBe(true);
    expect(await service.isClassActive('102')).toBe(false);
    expect(await service.isClassActive('abc')).toBe(false);
    expect(await service.getClassPresentStudents('101')).toEqual(['042191010']);
    expect(await service.getClassPresentStudents('102')).toBeUndefined();
    await service.addClass(new ClassType('101'));
    expect(await service.getClassPresentStudents('101')).toEqual(['042191010']);
    await service.removeClass('101');
    await service.removeClass('abc');
    expect(await service.isClassActive('101')).toBe(false);
    await expect(service.addClass(new ClassType('abc'))).rejects.toThrow(ClassNumberError);
  });

  it('add a class with all of its students in one sync after its own, in their order, or not at all', async () => {
    const turma = new ClassType('101');
    for (const student of ['9', '1', '05']) turma.addStudent(student);
    await service.addClass(turma);
    expect(await service.getClassPresentStudents('101')).toEqual(['9', '1', '05']);
    expect(store.batches).toHaveLength(2);

    const other = new ClassType('102');
    for (const student of ['1', 'x']) other.addStudent(student);
    await expect(service.addClass(other)).rejects.toThrow(StudentNumberError);
    expect(await service.isClassActive('102')).toBe(false);
  });

  it('handle what is before the comma', async () => {
    expect(await service.handleTeacherMessage('101')).toBe(opened);
    expect(await service.handleStudentMessage('1/101')).toMatch(/^Presença registrada/);
    expect(await service.handleStudentMessage('1')).toMatch(/^Erro: /);
    expect(await service.handleTeacherMessage('x')).toMatch(/^Erro: /);
  });
});

describe('what cannot be done', () => {
  it('is said in Portuguese, in both dialects', async () => {
    await start({ maxClasses: 1, maxStudents: 1 });
    await converse(
      ['101,teacher', opened],
      ['102,teacher', 'Erro: há chamadas demais abertas; encerre alguma e tente novamente'],
      ['102/iniciar,professor', 'Erro: há chamadas demais abertas; encerre alguma e tente novamente'],
      ['1/101,student', 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!'],
      ['2/101,student', 'Erro: a chamada desta turma está cheia'],
      ['2/101,aluno', 'Erro: a chamada desta turma está cheia'],
      ['1/101,student', repeated],
    );
  });

  it.each([
    ['full', 'Erro: o servidor está sem espaço em disco e nada foi registrado; tente novamente mais tarde'],
    ['busy', 'Erro: o servidor não conseguiu gravar e nada foi registrado; tente novamente mais tarde'],
    ['failed', 'Erro: o servidor não conseguiu gravar e nada foi registrado; tente novamente mais tarde'],
  ] as const)('changes nothing when the disk is %s, and lets the list be read', async (reason, error) => {
    await converse(['101,teacher', opened], ['1/101,aluno', '101,19/11/2026,08:05']);
    store.fate = () => Promise.reject(new StorageError('no', reason, '/data'));
    await converse(
      ['2/101,student', error],
      ['2/101,aluno', error],
      ['101,teacher', error],
      ['101/encerrar,professor', error],
      ['102/iniciar,professor', error],
      ['1/101,student', repeated],
      ['101/consultar,professor', "101,19/11/2026,08:05,['1']"],
    );
    store.fate = () => undefined;
    await converse(
      ['2/101,aluno', '101,19/11/2026,08:05'],
      ['101/encerrar,professor', "101,19/11/2026,08:05,['1', '2']"],
    );
  });

  it('is what is asked before the roll is restored', async () => {
    const early = new AttendanceService(new DurableRoll(new MemoryStore(), clock, quiet, settings.parse({})), clock);
    for (const request of ['101,teacher', '1/101,student']) {
      expect(await early.handleMessage(request)).toMatch(/^Erro: o servidor não conseguiu gravar/);
    }
  });

  it('rejects what nobody has foreseen, for the server to report', async () => {
    store.fate = () => Promise.reject(new TypeError('a bug'));
    await expect(service.handleMessage('101,teacher')).rejects.toThrow('a bug');
    await expect(service.handleMessage('101/iniciar,professor')).rejects.toThrow('a bug');
  });
});

it('tells the audit who acts', async () => {
  await service.handleMessage('101,teacher', '127.0.0.1:53211');
  await service.handleMessage('1/101,aluno', '127.0.0.1:53212');
  await service.removeClass('101');
  expect(store.audit.map(({ actor, act, before, after }) => [actor, act, before, after])).toEqual([
    ['127.0.0.1:53211', 'open', null, 0],
    ['127.0.0.1:53212', 'register', 0, 1],
    ['program', 'close', 1, null],
  ]);
});
