import { endPrograms, Program } from '@socketserver/testing';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';

import { STORE_PROGRAM, TemporaryFolder } from './storage';
import { parseTrace, type SystemCall } from './trace';

const SERVER = join(__dirname, '../../../packages/host/bin/socketserver.js');
const PACKAGE = join(__dirname, '..');

const CALLS = 'trace=fsync,fdatasync,read,write,writev,sendto,sendmsg,pwrite64,pwritev';

const canTrace = spawnSync('strace', ['-f', '-y', '-e', CALLS, 'true']).status === 0;

function describeWithTrace(title: string, tests: () => void): void {
  if (canTrace) describe(title, tests);
  else describe.skip(`${title} (skipped: strace is not here, or may not attach)`, tests);
}

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

/** Runs a program of Node's under strace, which needs all of what was written: 100 bytes tell one reply from another. */
function traced(...args: string[]): Program {
  const flags = ['-f', '-y', '-s', '100', '-e', CALLS, '-o', folder.file('trace')];
  return new Program('strace', [...flags, process.execPath, ...args]);
}

const calls = () => parseTrace(readFileSync(folder.file('trace'), 'utf8'));

const isLog = ({ args }: SystemCall) => args.includes('attendance.db-wal>');
const isPageWrite = (call: SystemCall) => call.name.startsWith('pwrite') && isLog(call);
const isSync = (call: SystemCall) => /^f(data)?sync$/.test(call.name) && isLog(call);

/** Expects that between the two calls the log was written, and then synced to the end. */
function expectDurable(trace: readonly SystemCall[], request: SystemCall, reply: SystemCall): void {
  const between = trace.filter(({ begin }) => begin > request.begin && begin < reply.begin);
  const lastPage = between.filter(isPageWrite).at(-1);
  expect(lastPage).toBeDefined();
  const sync = between.find((call) => isSync(call) && call.begin > lastPage!.end);
  expect(sync).toMatchObject({ result: '0' });
  expect(sync!.end).toBeLessThan(reply.begin);
}

describeWithTrace('the system calls of the store', () => {
  it('are a sync of the log for each batch, after its pages and before anybody hears of it', async () => {
    const program = traced(STORE_PROGRAM, folder.file('data'));
    const batches = ['class 101', 'register 101 042191010', 'register 101 205182055', 'close 101'];
    for (const line of ['open', ...batches, 'end']) {
      program.process.stdin.write(`${line}\n`);
      await program.prints(new RegExp(`^ok ${line}\n`, 'm'));
    }
    program.process.stdin.end();
    expect(await program.ended).toBe(0);

    const trace = calls();
    const said = (text: string) => trace.find(({ name, args }) => name === 'write' && args.includes(`"${text}\\n"`))!;
    for (const batch of batches) expectDurable(trace, said(`begin ${batch}`), said(`ok ${batch}`));
  });
});

describeWithTrace('the system calls of the server', () => {
  it('are a sync of the log for each reply, after the pages of its request and before the first byte of it', async () => {
    const server = traced(SERVER, 'serve', PACKAGE, '--port', '0', '--set', `dataDir=${folder.file('data')}`);
    const [, port] = await server.prints(/^listening on tcp:\/\/127\.0\.0\.1:(\d+)/m);
    const socket = net.connect(Number(port), '127.0.0.1').setEncoding('utf8');
    const exchanges = [
      ['101,teacher', 'A chamada da turma 101 foi ativada'],
      ['042191010/101,student', 'Presen\\303\\247a registrada com sucesso'],
      ['042191010/101,aluno', '101,'],
      ['205182055/101,aluno', '101,'],
      ['101/encerrar,professor', '101,'],
      ['205182055/101,aluno', '0,'],
    ] as const;
    for (const [request] of exchanges) {
      socket.write(request);
      await once(socket, 'data');
    }
    socket.destroy();
    // The process under the trace: strace itself would end without it.
    const pid = Number(/^\d+/.exec(readFileSync(folder.file('trace'), 'utf8'))![0]);
    process.kill(pid, 'SIGTERM');
    expect(await server.ended).toBe(0);

    const trace = calls();
    let from = 0;
    for (const [request, reply] of exchanges) {
      const asked = trace.find(
        ({ name, args, begin }) => begin > from && name === 'read' && args.includes(`"${request}"`),
      )!;
      const answered = trace.find(
        ({ name, args, begin }) => begin > asked.end && /^(write|send)/.test(name) && args.includes(`"${reply}`),
      )!;
      expectDurable(trace, asked, answered);
      from = answered.begin;
    }
  });
});
