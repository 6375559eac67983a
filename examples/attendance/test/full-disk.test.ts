import { endPrograms } from '@socketserver/testing';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import { describeWithSmallDisk, SmallDisk } from './small-disk';
import { STORE_PROGRAM, TemporaryFolder } from './storage';

const NODE = process.execPath;
const SERVER = join(__dirname, '../../../packages/host/bin/socketserver.js');
const COMMAND = join(__dirname, '../dist/attendance-command.js');
const PACKAGE = join(__dirname, '..');

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

describeWithSmallDisk('a store on a disk that gets full', () => {
  it('says so, writes again when there is room, and has lost nothing', async () => {
    const disk = new SmallDisk(folder.path, '2m');
    const input = folder.file('input');
    await disk.run(`mkfifo ${input}; ${NODE} ${STORE_PROGRAM} ${folder.file('data')} < ${input} & exec 3> ${input}`);
    const tell = (line: string, answer: RegExp) => {
      disk.program.process.stdin.write(`echo ${line} >&3\n`);
      return disk.program.prints(answer);
    };
    await tell('open', /^ok open$/m);
    await tell('class 101', /^ok class 101$/m);
    await tell('register 101 1', /^ok register 101 1$/m);

    await disk.fill(folder.path);
    const [, message] = await tell('register 101 2', /^error full (.*)$/m);
    expect(message).toBe(
      `${folder.file('data', 'attendance.db')}: its disk is full; free some space, or choose another folder with --set dataDir=…`,
    );
    await tell('close 101', /^begin close 101\nerror full /m);

    await disk.free(folder.path);
    await tell('register 101 3', /^ok register 101 3$/m);
    await tell('end', /^ok end$/m);
    const { output } = await disk.run(
      `${NODE} ${COMMAND} export 101 --set dataDir=${folder.file('data')} | cut -d, -f4`,
    );
    expect(output).toBe('aluno\n1\n3\n');
  });

  it('cannot be opened, says so, and can when there is room', async () => {
    const disk = new SmallDisk(folder.path, '1m');
    const open = `printf 'open\\nend\\n' | ${NODE} ${STORE_PROGRAM} ${folder.file('data')}`;
    await disk.fill(folder.path);
    expect((await disk.run(open)).output).toMatch(/^error full .*data.*: its disk is full; free some space, or /m);
    await disk.free(folder.path);
    expect((await disk.run(open)).output).toMatch(/^begin open\nok open\n/);
  });

  it('cannot be opened where nothing may be written, and says so', async () => {
    const disk = new SmallDisk(folder.path, '1m');
    expect(await disk.run(`mount -o remount,bind,ro ${folder.path}`)).toMatchObject({ code: 0 });
    const { output } = await disk.run(`printf 'open\\nend\\n' | ${NODE} ${STORE_PROGRAM} ${folder.file('data')}`);
    expect(output).toMatch(
      `error denied ${folder.file('data')}: it may not be read and written (EROFS: read-only file system`,
    );
  });

  it('is not opened just for reading, where a roll is and nothing may be written any more', async () => {
    const disk = new SmallDisk(folder.path, '4m');
    const open = `printf 'open\\nend\\n' | ${NODE} ${STORE_PROGRAM} ${folder.file('data')}`;
    expect((await disk.run(open)).output).toContain('ok open');
    expect(await disk.run(`mount -o remount,bind,ro ${folder.path}`)).toMatchObject({ code: 0 });
    expect((await disk.run(open)).output).toMatch(/^error denied .*: it may not be read and written \(/m);
  });
});

describeWithSmallDisk('the server on a disk that gets full', () => {
  it('refuses in Portuguese, goes on when there is room, and has lost nothing that it confirmed', async () => {
    const disk = new SmallDisk(folder.path, '4m');
    disk.program.process.stdin.write(
      `${NODE} ${SERVER} serve ${PACKAGE} --port 0 --set dataDir=${folder.file('data')} 2>&1 &\n`,
    );
    const [, port] = await disk.program.prints(/^listening on tcp:\/\/127\.0\.0\.1:(\d+)/m);
    const socket = net.connect(Number(port), '127.0.0.1').setEncoding('utf8');
    const ask = async (request: string): Promise<string> => {
      socket.write(request);
      return ((await once(socket, 'data')) as [string])[0];
    };
    const confirmed: string[] = [];
    const register = async (student: number): Promise<string> => {
      const reply = await ask(`${student}/101,student`);
      if (reply.startsWith('Presença registrada')) confirmed.push(String(student));
      return reply;
    };
    expect(await ask('101,teacher')).toMatch(/^A chamada da turma 101 foi ativada/);
    for (let student = 1; student <= 20; student += 1) await register(student);

    await disk.fill(folder.path);
    for (let student = 21; student <= 25; student += 1) expect(await register(student)).toMatch(/^Erro: .*sem espaço/);
    expect(await ask('101/consultar,professor')).toContain("'20']");

    await disk.free(folder.path);
    for (let student = 24; student <= 40; student += 1) expect(await register(student)).toMatch(/^Presença registrada/);
    socket.destroy();

    await disk.run('kill -KILL $!; wait $!');
    const { output } = await disk.run(
      `${NODE} ${COMMAND} export 101 --set dataDir=${folder.file('data')} | cut -d, -f4`,
    );
    expect(output.trim().split('\n').slice(1)).toEqual(confirmed);
    expect(confirmed).toHaveLength(37);
  });
});
