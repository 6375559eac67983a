/**
 * The lecture notes' clients with our server: they dial whatever address the machine's own name has, send once, and
 * receive 1024 bytes once.
 *
 * On Debian that address is 127.0.1.1. To have it so here too, they run where /etc/hosts is a file of our own.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { endPrograms, Program } from '@socketserver/testing';

import { RollServer, concurrent } from './roll-server';
import { TemporaryFolder } from './storage';

const folder = new TemporaryFolder();
const hosts = folder.file('hosts');
writeFileSync(hosts, `127.0.0.1 localhost\n127.0.1.1 ${hostname()}\n`);
const removeHosts = () => folder[Symbol.dispose]();
afterAll(removeHosts);

const mounted = ['sh', '-c', 'mount --bind "$0" /etc/hosts && exec python3 -u "$@"', hosts];
const resolve = ['-c', 'import socket; print(socket.gethostbyname(socket.gethostname()))'];
/** How to run Python there: as root, or as a user who can be root of a namespace. */
const unshare = [['-m'], ['-U', '-r', '-m']].find((flags) => {
  const { stdout } = spawnSync('unshare', [...flags, ...mounted, ...resolve], { encoding: 'utf8', timeout: 10_000 });
  return stdout === '127.0.1.1\n';
});
const reason = unshare === undefined ? ' (skipped: no python3, or no right to mount a file over /etc/hosts)' : '';
// What comes after tests is not done for tests that are skipped.
if (unshare === undefined) removeHosts();
const describeOnDebian = unshare === undefined ? describe.skip : describe;

/** Runs one of the notes' clients with these lines as its input, and gives what it printed after its banner. */
async function run(
  name: string,
  port: number,
  ...lines: string[]
): Promise<{ code: number | string; shown: string[] }> {
  const file = join(__dirname, 'fixtures', `${name}.py`);
  const program = new Program('unshare', [...(unshare ?? []), ...mounted, file, String(port)]);
  program.process.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await program.ended;
  const conversation = program.stdout.slice(program.stdout.lastIndexOf('---\n\n') + 5);
  return {
    code,
    shown: conversation
      .replaceAll(/(?:Digite|Informe) [^:]*:\s/g, '')
      .trimEnd()
      .split('\n'),
  };
}

describeOnDebian.each(concurrent)(
  `the notes' clients where the machine's name is 127.0.1.1, %s${reason}`,
  (strategy) => {
    afterEach(endPrograms);

    it('are served at --host 0.0.0.0', async () => {
      await using server = await RollServer.open(strategy, { host: '0.0.0.0' });
      expect(await run('teacher', server.port, '101')).toEqual({
        code: 0,
        shown: [expect.stringMatching(/^A chamada da turma 101 foi ativada em .*!$/)],
      });
      expect(
        await run('student', server.port, '042191010', '101', '205182055', '101', '042191010', '101', '1', '9'),
      ).toEqual({
        code: 0,
        shown: [
          expect.stringMatching(/^Presença registrada com sucesso na turma 101 em .*!$/),
          expect.stringMatching(/^Presença registrada com sucesso na turma 101 em .*!$/),
          'Você já registrou sua presença nesta turma!',
          expect.stringMatching(/^Esta turma não está com presença ativa\. Solicitação rejeitada em .*$/),
        ],
      });
      expect(await run('teacher', server.port, '101')).toEqual({
        code: 0,
        shown: [expect.stringMatching(/^A chamada da turma 101 foi encerrada em .*: \['042191010', '205182055'\]$/)],
      });
    });

    it('get a short error, and no end, for what made the original fail', async () => {
      await using server = await RollServer.open(strategy, { host: '0.0.0.0' });
      const { code, shown } = await run('student', server.port, '42', '', '1', '2/3', '7', '101');
      expect(code).toBe(0);
      expect(shown).toEqual([
        expect.stringMatching(/^Erro: /),
        expect.stringMatching(/^Erro: /),
        expect.stringMatching(/^Esta turma não está com presença ativa\./),
      ]);
    });

    it('do not reach a server that listens on 127.0.0.1 only', async () => {
      await using server = await RollServer.open(strategy);
      expect((await run('teacher', server.port, '101')).code).toBe(1);
    });
  },
);
