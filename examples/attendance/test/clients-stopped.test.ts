/** The clients as jobs of a shell at a real terminal: stopped by Ctrl-Z, and continued by `fg`. */
import { describeWithPython, endPrograms } from '@socketserver/testing';

import { AtTerminal, commandOf, CTRL_C, CTRL_D, CTRL_Z } from './client/at-terminal';
import { receive, ServerDouble } from './client/server-double';

const registered = 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!';

let server: ServerDouble;

/** A shell that edits no lines itself, so that it needs the terminal as it was; wide enough for the commands. */
async function shell(): Promise<AtTerminal> {
  const terminal = new AtTerminal(['sh', '-i', '+o', 'emacs', '+o', 'vi'], { ENV: undefined }, 1000);
  await terminal.shows(/[$#]$/);
  return terminal;
}

/** Shows that the shell has its terminal back, in the mode that it needs. */
async function obeys(terminal: AtTerminal, word: string): Promise<void> {
  terminal.press(`echo ${word}-$((1 + 1)) $?\r`);
  await terminal.shows(new RegExp(`[$#] echo ${word}-.*\\n${word}-2 \\d+\\n.*[$#]$`));
}

/** Shows that the client takes lines again. */
async function goesOn(terminal: AtTerminal): Promise<void> {
  terminal.press('042\r');
  await terminal.shows(/matrícula: 042\nInforme .*presença:$/);
  terminal.press('\r');
  await terminal.shows(/presença:\nInforme .*matrícula:$/);
}

/** Ends the client with a key, and the shell; shows that both leave the terminal as it was. */
async function leave(terminal: AtTerminal, key: string): Promise<void> {
  terminal.press(key);
  await terminal.shows(/matrícula:\n.*[$#]$/);
  terminal.press('echo left-$?\r');
  await terminal.shows(/\nleft-0\n.*[$#]$/);
  terminal.press('exit\r');
  expect(await terminal.program.ended).toBe(0);
  expect(terminal.program.stderr).toBe('echo canonical\n');
}

describeWithPython('the clients in a shell', () => {
  beforeEach(async () => {
    server = await ServerDouble.open();
  });

  afterEach(async () => {
    await endPrograms();
    await server.close();
  });

  describe.each([
    ['', (command: string) => command],
    ['with another program in front', (command: string) => `sh -c '${command} && true'`],
  ])('%s', (_how, started) => {
    it.each([
      ['Ctrl-C', CTRL_C],
      ['Ctrl-D', CTRL_D],
    ])('stop at Ctrl-Z, go on after fg, again and again, and end at %s', async (_key, key) => {
      const terminal = await shell();
      terminal.press(`${started(commandOf('student', server.address[1]).join(' '))}\r`);
      await terminal.shows(/matrícula:$/);
      terminal.press('042');
      for (const round of ['first', 'second', 'third']) {
        await terminal.shows(/matrícula: 042$/);
        terminal.press(CTRL_Z);
        await terminal.shows(/matrícula: 042\n?\[.*Stopped.*\n.*[$#]$/);
        await obeys(terminal, round);
        terminal.press('fg\r');
      }
      await terminal.shows(/[$#] fg\n.*\nInforme .*matrícula: 042$/);
      terminal.press('1\r101\r');
      const socket = await server.accept();
      expect(await receive(socket)).toBe('0421/101,student');
      socket.write(registered);
      await terminal.shows(new RegExp(`${registered}\nInforme .*matrícula:$`));
      await leave(terminal, key);
    });
  });

  it.each([
    ['SIGTSTP', '\r'],
    // Nobody can prepare for this one. Not every shell mends the terminal: some need a line feed.
    ['SIGSTOP', '\n'],
  ] as const)('go on after fg when %s came from elsewhere', async (signal, enter) => {
    const terminal = await shell();
    const command = commandOf('student', server.address[1]).join(' ');
    terminal.press(`sh -c 'echo client $$; exec ${command}'\r`);
    const [, client] = await terminal.shows(/^client (\d+)$/m);
    await terminal.shows(/matrícula:$/);
    process.kill(Number(client), signal);
    await terminal.shows(/Stopped.*\n.*[$#]$/);
    if (signal === 'SIGTSTP') await obeys(terminal, 'stopped');
    terminal.press(`fg${enter}`);
    await terminal.shows(/Stopped[^]*\nInforme .*matrícula:$/);
    await goesOn(terminal);
    await leave(terminal, CTRL_C);
  });

  it('stay stopped in the background until fg', async () => {
    const terminal = await shell();
    terminal.press(`${commandOf('student', server.address[1]).join(' ')}\r`);
    await terminal.shows(/matrícula:$/);
    terminal.press(CTRL_Z);
    await terminal.shows(/Stopped.*\n.*[$#]$/);
    terminal.press('bg\r');
    for (let look = 1, state: string | undefined; state !== 'Stopped'; look += 1) {
      terminal.press(`jobs; echo look-$((${look}))\r`);
      [, state] = await terminal.shows(new RegExp(`(Running|Stopped).*\\nlook-${look}\\n[^]*[$#]$`));
    }
    terminal.press('fg\r');
    await terminal.shows(/[$#] fg\n.*\nInforme .*matrícula:$/);
    await goesOn(terminal);
    await leave(terminal, CTRL_D);
  });

  it('go on at once after Ctrl-Z where no shell could continue them', async () => {
    const terminal = new AtTerminal(commandOf('student', server.address[1]));
    await terminal.shows(/matrícula:$/);
    terminal.press(`04${CTRL_Z}`);
    terminal.press('2\r');
    await terminal.shows(/matrícula: 042\nInforme .*presença:$/);
    terminal.press(CTRL_C);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.program.stderr).toBe('echo canonical\n');
  });
});
