import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { PassThrough } from 'node:stream';

import { attendanceCommand } from '../src/attendance-command';
import { closing, opening, registration, tamper, TemporaryFolder, writeInto } from './storage';

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(() => folder[Symbol.dispose]());

/** Runs it with the test's own data folder. */
async function run(...argv: string[]) {
  return runIn({ SOCKETSERVER_SET_DATA_DIR: folder.path }, argv);
}

async function runIn(env: NodeJS.ProcessEnv, argv: readonly string[], cwd = folder.path) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) =>
    new PassThrough().setEncoding('utf8').on('data', (text: string) => (written[name] += text));
  const code = await attendanceCommand(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env, cwd });
  await new Promise(setImmediate);
  return { code, ...written };
}

const at = (day: number, hour: number, minute: number) => new Date(2026, 10, day, hour, minute, 7).getTime();

function writeThreeSessions(): void {
  const students = Array.from({ length: 9 }, (_, i) => `04219101${i}`);
  writeInto(folder.path, opening('101', at(18, 8, 5)), registration('101', students[1]!, at(18, 8, 6)));
  writeInto(folder.path, ...[0, 2, 3, 4, 5, 6, 7, 8].map((i) => registration('101', students[i]!, at(18, 8, 7))));
  writeInto(
    folder.path,
    closing('101', at(18, 9, 40)),
    opening('7', at(18, 10, 0)),
    registration('7', '1', at(18, 10, 1)),
  );
  writeInto(folder.path, opening('101', at(19, 23, 0)), closing('101', at(20, 0, 10)), opening('101', at(20, 8, 0)));
  writeInto(folder.path, registration('101', students[1]!, at(20, 8, 1)));
}

describe('attendance report', () => {
  it('shows the sessions of a class, the newest first, and how often each student was there', async () => {
    writeThreeSessions();
    expect(await run('report', '0101')).toEqual({
      code: 0,
      stderr: '',
      stdout: `Turma 101: 3 chamadas

20/11/2026 08:00–em andamento  1 presente
  042191011

19/11/2026 23:00–20/11/2026 00:10  0 presentes

18/11/2026 08:05–09:40  9 presentes
  042191011  042191010  042191012  042191013  042191014  042191015  042191016
  042191017  042191018

Presenças por aluno
  042191010             1 de 3 (33%)
  042191011             2 de 3 (67%)
  042191012             1 de 3 (33%)
  042191013             1 de 3 (33%)
  042191014             1 de 3 (33%)
  042191015             1 de 3 (33%)
  042191016             1 de 3 (33%)
  042191017             1 de 3 (33%)
  042191018             1 de 3 (33%)
`,
    });
  });

  it.each([[['--lang', 'en']], [['--set', 'lang=en']]])('speaks English when asked to by %j', async (flags) => {
    writeThreeSessions();
    const { stdout } = await run('report', '7', ...flags);
    expect(stdout).toBe(
      'Class 7: 1 session\n\n18/11/2026 10:00–still open  1 present\n  1\n\nPresences by student\n  1                     1 of 1 (100%)\n',
    );
  });

  it('shows nothing of a tampered file to the terminal but text', async () => {
    writeThreeSessions();
    tamper(folder.path, (database) =>
      database.exec(
        "PRAGMA ignore_check_constraints = 1; UPDATE presences SET student = char(27) || '[2J' WHERE session = 2",
      ),
    );
    const { stdout } = await run('report', '7');
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toContain('\\x1b[2J');
  });
});

describe('attendance export', () => {
  it('writes the presences of a class as CSV, and the sessions without any', async () => {
    writeThreeSessions();
    const { code, stdout } = await run('export', '101', '--from', '2026-11-19');
    expect(code).toBe(0);
    expect(stdout).toBe(`turma,abertura,encerramento,aluno,registro
101,2026-11-19T23:00:07,2026-11-20T00:10:07,,
101,2026-11-20T08:00:07,,042191011,2026-11-20T08:01:07
`);
  });

  it('has its header in the language of the command, and its columns as they are wanted', async () => {
    writeThreeSessions();
    const { stdout } = await run('export', '7', '--separator', ';', '--lang', 'en');
    expect(stdout).toBe('class;opened;closed;student;registered\n7;2026-11-18T10:00:07;;1;2026-11-18T10:01:07\n');
  });

  it.each([
    [['--from', '2026-11-18', '--to', '2026-11-18'], 9],
    [['--from', '2026-11-19', '--to', '2026-11-19'], 1],
    [['--to', '2026-11-19'], 10],
    [['--from', '2026-11-21'], 0],
    [[], 11],
  ])('has the sessions that were opened in %j, both days included', async (flags, rows) => {
    writeThreeSessions();
    expect((await run('export', '101', ...flags)).stdout.trim().split('\n')).toHaveLength(1 + rows);
  });

  it('makes a text of what would be a formula', async () => {
    writeThreeSessions();
    tamper(folder.path, (database) =>
      database.exec("PRAGMA ignore_check_constraints = 1; UPDATE presences SET student = '=cmd()' WHERE session = 2"),
    );
    expect((await run('export', '7')).stdout).toContain(",'=cmd(),");
  });
});

describe('attendance report and export', () => {
  it.each([
    [['report', '102'], 1, 'erro: a turma 102 não tem chamadas guardadas; confira o número\n'],
    [['export', '102', '--lang', 'en'], 1, 'error: class 102 has no sessions that were kept; check its number\n'],
    [['report'], 2, "erro: falta 'class'\n"],
    [['report', '--lang', 'en'], 2, "error: missing required argument 'class'\n"],
    [['report', '0'], 2, 'erro: turma "0": esperado um inteiro positivo, de até 15 algarismos\n'],
    [['report', '1\x1b[2J'], 2, 'erro: turma "1\\u001b[2J": esperado um inteiro positivo, de até 15 algarismos\n'],
    [['export', 'x', '--lang=en'], 2, 'error: class "x": expected a positive integer of at most 15 digits\n'],
    [['export', '101', '--from', '19/11/2026'], 2, 'erro: --from "19/11/2026": esperado um dia, como 2026-11-19\n'],
    [['export', '101', '--to', '2026-02-30'], 2, 'erro: --to "2026-02-30": esperado um dia, como 2026-11-19\n'],
    [
      ['export', '101', '--from', '2026-11-20', '--to', '2026-11-19'],
      2,
      'erro: --from 2026-11-20 é depois de --to 2026-11-19\n',
    ],
    [['export', '101', '--separator', 'x'], 2, 'erro: --separator "x": esperado um destes: ,, ;\n'],
    [['report', '101', '--from', '2026-11-19'], 2, "erro: opção desconhecida: '--from'\n"],
    [['report', '101', '--lang', 'fr'], 2, 'erro: --lang "fr": esperado um destes: pt-BR, en\n'],
    [['report', '101', '--set', 'datadir=x'], 2, /^error: --set datadir: unknown setting; known are dataDir, /],
    [['report', '101', '102'], 2, 'erro: argumentos demais\n'],
    [['reprot', '101'], 2, 'erro: comando "reprot" desconhecido; existem serve, report e export\n'],
  ])('tell in one line what is wrong with %j', async (argv, code, line) => {
    writeThreeSessions();
    const result = await run(...argv);
    expect(result).toMatchObject({ code, stdout: '' });
    if (typeof line === 'string') expect(result.stderr).toBe(line);
    else expect(result.stderr).toMatch(line);
    expect(result.stderr.match(/\n/g)).toHaveLength(1);
  });

  it('say that no server has kept anything in the folder', async () => {
    expect(await run('report', '101')).toEqual({
      code: 1,
      stdout: '',
      stderr: `erro: ainda não há chamadas em ${folder.path}; inicie o servidor, ou indique outra pasta com --set dataDir=…\n`,
    });
  });

  it.each([
    [['--lang', 'pt-BR'], /: está danificado ou não é deste programa \(file is not a database\); mova-o, ou/],
    [['--lang', 'en'], /: it is damaged, or no database of this app \(file is not a database\); move it away, or/],
  ])('say that the file is damaged, in the language of %j', async (flags, line) => {
    writeFileSync(folder.file('attendance.db'), 'this is not a database. '.repeat(50));
    const { code, stderr } = await run('report', '101', ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr).toContain(folder.file('attendance.db'));
  });

  it('find the folder as the server does: by flag, environment and file, from the working directory', async () => {
    writeThreeSessions();
    const names = { parent: dirname(folder.path), name: basename(folder.path) };
    writeFileSync(folder.file('config.json'), JSON.stringify({ settings: { dataDir: names.name } }));
    const config = ['--config', folder.file('config.json')];
    const heading = { code: 0, stdout: expect.stringContaining('Turma 7: 1 chamada') as string };
    expect(await runIn({}, ['report', '7', ...config], names.parent)).toMatchObject(heading);
    expect(await runIn({}, ['report', '7', '--set', `dataDir=${names.name}`], names.parent)).toMatchObject(heading);
    expect(await runIn({ SOCKETSERVER_SET_DATA_DIR: '.' }, ['report', '7'])).toMatchObject(heading);
    expect(await runIn({ SOCKETSERVER_SET_DATA_DIR: 'none' }, ['report', '7'])).toMatchObject({ code: 1 });
  });

  it.each([
    [['--help'], /^Uso: .*report <turma>.*export <turma>/s],
    [['-h', '--lang', 'en'], /^Usage: .*report <class>.*export <class>/s],
    [['report', '--help'], /Mostra as chamadas .*o número da turma.*--set <key=value>/s],
    [['export', '--help', '--lang', 'en'], /Writes the presences .*--from <day>.*--separator <character>/s],
    [['serve', '--help'], /--port <n>/],
  ])('show their help for %j', async (argv, text) => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
  });
});
