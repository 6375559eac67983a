import { once } from 'node:events';

import { Program, type ProgramOptions, TestingError, endPrograms } from '../src';

const node = (script: string, options?: ProgramOptions) => new Program(process.execPath, ['-e', script], options);
const forEver = 'setInterval(() => {}, 1000);';

afterEach(endPrograms);

describe('Program', () => {
  it('keeps what is printed, and the exit code', async () => {
    const program = node('process.stdout.write("olá\\n"); process.stderr.write("oh\\n"); process.exitCode = 3');
    expect(await program.ended).toBe(3);
    expect([program.stdout, program.stderr]).toEqual(['olá\n', 'oh\n']);
  });

  it('waits for what is printed, in one piece or in several', async () => {
    const program = node(`process.stdin.on('data', (text) => process.stdout.write(text)); console.error('ready 7')`);
    expect((await program.prints(/^ready (\d)$/m, 'stderr'))[1]).toBe('7');
    const whole = program.prints(/^one two\n/);
    program.process.stdin.write('one ');
    await program.prints(/^one /);
    program.process.stdin.write('two\n');
    await whole;
    expect((await program.prints(/t.o/))[0]).toBe('two');
  });

  it('tells all that was printed when the program ends before it prints what is waited for', async () => {
    const program = node('console.log("only this"); console.error("and that")');
    const error: unknown = await program.prints(/something else/).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TestingError);
    expect(error).toMatchObject({
      code: 'ERR_PROGRAM_ENDED',
      message: 'ended with 0 before it printed /something else/:\nonly this\n\nand that\n',
    });
  });

  it('finds what was printed with the last breath', async () => {
    expect((await node('process.stdout.write("a".repeat(100_000) + "b")').prints(/b$/))[0]).toBe('b');
  });

  it('ends by a signal', async () => {
    const program = node(`process.on('SIGTERM', () => process.exit(5)); console.log('ready'); ${forEver}`);
    await program.prints(/ready/);
    expect(await program.end()).toBe(5);
    expect(await node(forEver).end('SIGKILL')).toBe('SIGKILL');
  });

  it('does not outlive its longest life', async () => {
    expect(await node(forEver, { longestLife: 50 }).ended).toBe('SIGKILL');
  });

  it('takes an environment and a folder', async () => {
    const program = node('console.log(process.env.GREETING, process.cwd())', { env: { GREETING: 'olá' }, cwd: '/' });
    await program.prints(/^olá \/\n$/);
  });

  it('can be sent messages when asked to', async () => {
    const program = node('process.on("message", (text) => process.send(text + "!"))', { withChannel: true });
    program.process.send('olá');
    expect(await once(program.process, 'message')).toContain('olá!');
  });

  it('rejects when there is no such program', async () => {
    const program = new Program('/no/such/program');
    await expect(program.ended).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(program.prints(/x/)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('stays quiet when something is sent to a program that has ended', async () => {
    const program = node('');
    await program.ended;
    program.process.stdin.write('hello');
    await endPrograms();
  });
});

describe('endPrograms()', () => {
  it('ends all that still run', async () => {
    const programs = [node(forEver), node(forEver)];
    await endPrograms();
    expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual(['SIGKILL', 'SIGKILL']);
  });
});
