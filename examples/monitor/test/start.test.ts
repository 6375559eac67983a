import net from 'node:net';

import { describeWithPython, endPrograms, python } from '@socketserver/testing';

import { parseStartCommand } from '../src/start';
import { HubDouble } from './hub-double';
import { compiled, fixture, hubProgram } from './program';

const silent = { stdout: () => undefined, stderr: () => undefined };
const anyFrame = 'Hostname:\\S[^\\n]{9} Carga de CPU:[ \\d]{3}\\.\\d% Memória Disponível:[ \\d]{3}\\.\\d%';
const ready = /^listening on tcp:\/\/127\.0\.0\.1:(\d+) \(selecting\)\n/;

afterEach(endPrograms);

describe('parseStartCommand()', () => {
  it('leaves out what the command line leaves out', () => {
    expect(parseStartCommand([], silent)).toEqual({ hub: {}, name: undefined, lang: 'pt-BR' });
  });

  it('takes every flag', () => {
    const argv = '--host 0.0.0.0 --port 0 --strategy async --name pc --lang en'.split(' ');
    expect(parseStartCommand(argv, silent)).toEqual({
      hub: { host: '0.0.0.0', port: 0, strategy: 'async' },
      name: 'pc',
      lang: 'en',
    });
  });
});

describe('npm start', () => {
  it('runs the hub and an agent for this machine, tells how another one joins, and ends at Ctrl-C', async () => {
    const start = compiled('start', '--port', '0', '--name', 'pc-home');
    const [, port] = await start.prints(ready);
    await start.prints(new RegExp(anyFrame.replace('\\S[^\\n]{9}', 'pc-home   ') + '\\n\\n'));
    expect(start.stderr).toMatch(`npm run monitor:agent -- --host `);
    expect(start.stderr).toMatch(`--port ${port}\n`);
    expect(start.stderr).toMatch(`Conectado a 127.0.0.1:${port} como pc-home\n`);

    const other = compiled('agent-command', '--port', port!, '--name', 'other', '--lang', 'en');
    await start.prints(/Hostname:other {5} Carga/);
    expect(await other.end('SIGINT')).toBe(0);
    expect(other.stderr).toBe(`Connected to 127.0.0.1:${port} as other\nAgent stopped\n`);
    expect(await start.end('SIGINT')).toBe(0);
  });

  it('speaks English when asked to', async () => {
    const start = compiled('start', '--port', '0', '--lang', 'en');
    await start.prints(/^Connected to .*\n/m, 'stderr');
    expect(start.stderr).toMatch(/^Only this machine can reach the hub/);
    expect(await start.end('SIGTERM')).toBe(0);
  });

  it.each([
    ['pt-BR', /^erro: o endereço 127\.0\.0\.1:\d+ já está em uso; escolha outra porta com --port\n$/],
    ['en', /^error: the address 127\.0\.0\.1:\d+ is in use; choose another port with --port\n$/],
  ])('says in one line that the port is busy, in %s', async (lang, line) => {
    const occupant = await HubDouble.open();
    const start = compiled('start', '--port', String(occupant.address[1]), '--lang', lang);
    expect(await start.ended).toBe(2);
    expect(start.stderr).toMatch(line);
    expect(start.stdout).toBe('');
    await occupant.close();
  });

  it.each([
    [['--port', '70000'], 'erro: --port "70000": esperado um número de 0 a 65535\n'],
    [['--strategy', 'magic'], 'erro: --strategy "magic": esperado um destes: sequential, async, selecting\n'],
    [['--host', '192.0.2.1', '--port', '0'], /^error: --host 192\.0\.2\.1: this machine has no address [^\n]*\n$/],
    [['--prot', '1'], "erro: opção desconhecida: '--prot'\n"],
    [['--prot', '1', '--lang', 'en'], "error: unknown option '--prot'\n"],
  ])('refuses %j in one line', async (argv, line) => {
    const start = compiled('start', ...argv);
    expect(await start.ended).toBe(2);
    expect(start.stderr).toMatch(line);
  });
});

describeWithPython('socketserver serve', () => {
  it('serves a Python agent from the compiled package and drains at SIGTERM', async () => {
    const { hub, port } = await hubProgram();
    expect(await python(fixture('agent'), port, 'bytes', 2).ended).toBe(0);
    await hub.prints(new RegExp(`(?:${anyFrame}\\n\\n){2}`));
    const silentClient = net.connect(port, '127.0.0.1').on('error', () => undefined);
    expect(await hub.end('SIGTERM')).toBe(0);
    silentClient.destroy();
  });
});
