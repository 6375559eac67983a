import { BadOptionError, BadSettingsError, PluginHookError } from '@socketserver/host';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AttendanceService } from '../src/attendance-service';
import plugin, { attendance } from '../src/index';
import { reply, RollServer, concurrent } from './roll-server';
import { TemporaryFolder } from './storage';

let temporary: TemporaryFolder;
let folder: string;

beforeEach(() => {
  temporary = new TemporaryFolder();
  folder = temporary.path;
});

afterEach(() => temporary[Symbol.dispose]());

describe('the attendance plugin', () => {
  it('listens on port 5050 of this machine as asynchronous tasks, unless told otherwise', () => {
    expect(plugin).toBe(attendance);
    expect(plugin).toMatchObject({
      name: 'attendance',
      concurrent: true,
      defaults: { address: ['127.0.0.1', 5050], strategy: 'async' },
    });
  });

  it('is refused under sequential, where a connected teacher would shut every student out', async () => {
    const opening = RollServer.open('sequential', {}, folder);
    await expect(opening).rejects.toThrow(BadOptionError);
    await expect(opening).rejects.toThrow(/^[^\n]*plugin "attendance" serves several clients at the same time[^\n]*$/);
  });

  it.each([
    { maxClasses: 0 },
    { maxStudents: 1.5 },
    { maxBytes: 1 },
    { lang: 'fr' },
    { archive: 'perhaps' },
    { dataDir: '' },
    { datadir: '/tmp' },
  ])('refuses the settings %j', async (settings) => {
    await expect(RollServer.open('async', { settings }, folder)).rejects.toThrow(BadSettingsError);
  });

  it('does not start without a usable folder, and says which', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const opening = RollServer.open('async', {}, file);
    await expect(opening).rejects.toThrow(PluginHookError);
    await expect(opening).rejects.toThrow(file);
  });

  it('leaves a folder that is in use to the server that has it', async () => {
    await using first = await RollServer.open('async', {}, folder);
    await expect(RollServer.open('async', {}, folder)).rejects.toThrow(folder);
    using peer = await first.connect();
    await peer.send('101,teacher');
    expect(await reply(peer, /!$/)).toMatch(/^A chamada da turma 101 foi ativada/);
  });

  it.each(concurrent)('opens again what was open, %s', async (strategy) => {
    await using first = await RollServer.open(strategy, {}, folder);
    using teacher = await first.connect();
    await teacher.send('101,teacher042191010/101,student102,teacher102,teacher');
    await reply(teacher, /\[\]$/);
    await first.close();

    await using second = await RollServer.open(strategy, {}, folder);
    using peer = await second.connect();
    await peer.send('042191010/101,student');
    expect(await reply(peer, /!$/)).toBe('Você já registrou sua presença nesta turma!');
    await peer.send('102/consultar,professor');
    expect(await reply(peer, /\]$/)).toMatch(/^0,/);
    await peer.send('101/encerrar,professor');
    expect(await reply(peer, /\]$/)).toMatch(/^101,.*\['042191010'\]$/);
  });

  it('writes what it has begun before it ends', async () => {
    const first = await RollServer.open('async', {}, folder);
    const service = first.running.container.resolve(AttendanceService);
    const replies = ['101/iniciar', '1/101', '2/101'].map((input) =>
      service.handleMessage(`${input},${input.startsWith('101') ? 'professor' : 'aluno'}`),
    );
    await first.close();
    for (const text of await Promise.all(replies)) expect(text).toMatch(/^101,/);

    await using second = await RollServer.open('async', {}, folder);
    const after = second.running.container.resolve(AttendanceService);
    expect(await after.getClassPresentStudents('101')).toEqual(['1', '2']);
  });

  it("gives programs the lecture notes' service", async () => {
    await using server = await RollServer.open('async', {}, folder);
    const service = server.running.container.resolve(AttendanceService);
    expect(await service.handleMessage('101,teacher')).toMatch(/ativada/);
    expect(await service.isClassActive('101')).toBe(true);
    using peer = await server.connect();
    await peer.send('1/101,aluno');
    await reply(peer, /:\d\d$/);
    expect(await service.getClassPresentStudents('101')).toEqual(['1']);
  });
});
