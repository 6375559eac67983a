import { endPrograms, Program } from '@socketserver/testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { opening, registration, TemporaryFolder, writeInto } from './storage';

const COMMAND = join(__dirname, '../dist/attendance-command.js');

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

describe('npm run attendance', () => {
  it.each([[[]], [['serve']], [['--lang', 'en', '--strategy', 'selecting']]])(
    'is the server with %j, and can be reported on while it runs',
    async (argv) => {
      const data = `dataDir=${folder.path}`;
      const server = new Program(process.execPath, [COMMAND, ...argv, '--port', '0', '--set', data]);
      await server.prints(/^Servidor está escutando\.\.\.\nlistening on tcp:\/\/127\.0\.0\.1:\d+ \(\w+\)$/m);
      const report = new Program(process.execPath, [COMMAND, 'report', '101', '--set', data]);
      expect(await report.ended).toBe(1);
      expect(report.stderr).toMatch(/^erro: a turma 101 não tem chamadas/);
      expect(await server.end('SIGTERM')).toBe(0);
    },
  );

  it.each([
    [[], 'outro servidor ou programa está usando os dados; encerre-o, '],
    [['--set', 'lang=en'], 'another server keeps its roll in this folder; end that one, '],
  ])('refuses a second server on the same folder in one line, with %j', async (argv, text) => {
    const flags = ['--port', '0', '--set', `dataDir=${folder.path}`];
    const first = new Program(process.execPath, [COMMAND, ...flags]);
    await first.prints(/^listening/m);
    const second = new Program(process.execPath, [COMMAND, ...flags, ...argv]);
    expect(await second.ended).toBe(2);
    expect(second.stderr).toMatch(new RegExp(`^error: .*${folder.path}: ${text}[^\\n]+\n$`));
    expect(second.stdout).toBe('');
    expect(await first.end('SIGTERM')).toBe(0);
  });
});

const describeWithShell = process.platform === 'win32' ? describe.skip : describe;

describeWithShell('attendance in a shell', () => {
  const shell = (line: string) =>
    new Program('sh', ['-c', line.replaceAll('ATTENDANCE', `${process.execPath} ${COMMAND}`)]);

  it('ends quietly when its reader has seen enough', async () => {
    writeInto(
      folder.path,
      opening('101', 0),
      ...Array.from({ length: 9000 }, (_, i) => registration('101', String(i).padStart(20, '0'))),
    );
    for (const command of ['report', 'export']) {
      const program = shell(`(ATTENDANCE ${command} 101 --set dataDir=${folder.path}; echo "code $?" >&2) | head -n 1`);
      expect(await program.ended).toBe(0);
      expect(program.stdout).toMatch(/^[^\n]+\n$/);
      expect(program.stderr).toBe('code 0\n');
    }
  });

  it('writes all of it to a slow reader', async () => {
    writeInto(
      folder.path,
      opening('101', 0),
      ...Array.from({ length: 5000 }, (_, i) => registration('101', String(i))),
    );
    const reader = '{ read header; echo "$header"; read word <&3; wc -l; }';
    const program = shell(`exec 3<&0; ATTENDANCE export 101 --set dataDir=${folder.path} | ${reader}`);
    await program.prints(/^turma,/);
    program.process.stdin.write('more\n');
    expect(await program.ended).toBe(0);
    expect(program.stdout).toMatch(/\n *5000\n$/);
  });

  (existsSync('/dev/full') ? it : it.skip)(
    'says that its output could not be written (where there is a /dev/full)',
    async () => {
      writeInto(folder.path, opening('101', 0), registration('101', '1'));
      const program = shell(`ATTENDANCE export 101 --set dataDir=${folder.path} > /dev/full`);
      expect(await program.ended).toBe(1);
      expect(program.stderr).toMatch(/^erro: a saída não pôde ser escrita: ENOSPC/);
    },
  );
});
