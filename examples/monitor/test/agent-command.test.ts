import { agentCommand, parseAgentCommand } from '../src/agent-command';
import { HubDouble, receive } from './hub-double';

/** Streams that keep what is written. */
function streams() {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    stdout: (text: string) => void (written.stdout += text),
    stderr: (text: string) => void (written.stderr += text),
  };
}

describe('parseAgentCommand()', () => {
  it('has a default for every flag', () => {
    expect(parseAgentCommand([], streams())).toMatchObject({
      address: ['127.0.0.1', 5000],
      name: undefined,
      interval: 3000,
    });
  });

  it('takes every flag', () => {
    const argv = '--host ::1 --port 5001 --name pc --interval 1000 --lang en'.split(' ');
    expect(parseAgentCommand(argv, streams())).toMatchObject({ address: ['::1', 5001], name: 'pc', interval: 1000 });
  });
});

describe('agentCommand()', () => {
  it.each([
    [['--port', '70000'], 'erro: --port "70000": esperado um número de 1 a 65535\n'],
    [['--port', '0'], 'erro: --port "0": esperado um número de 1 a 65535\n'],
    [['--port', '50e2', '--lang', 'en'], 'error: --port "50e2": expected a number from 1 to 65535\n'],
    [['--interval', '1', '--lang=en'], 'error: --interval "1": expected a number from 250 to 3600000\n'],
    [['--host', ''], 'erro: --host "": esperado um nome ou endereço IP\n'],
    [['--host', 'a\x1b[2J b'], 'erro: --host "a\\u001b[2J b": esperado um nome ou endereço IP\n'],
    [['--name', ' '], 'erro: --name " ": esperado um nome que não seja vazio\n'],
    [['--lang', 'fr'], 'erro: --lang "fr": esperado um destes: pt-BR, en\n'],
    [['--prot', '5000'], "erro: opção desconhecida: '--prot'\n"],
    [['--port'], "erro: falta o valor de '--port <port>'\n"],
    [['5000'], 'erro: argumentos demais\n'],
  ])('refuses %j in one line, with exit code 2', async (argv, line) => {
    const { written, ...rest } = streams();
    expect(await agentCommand(argv, { ...rest })).toBe(2);
    if (typeof line === 'string') expect(written.stderr).toBe(line);
    else expect(written.stderr).toMatch(line);
    expect(written.stdout).toBe('');
  });

  it.each([
    [['--help'], /monitor:agent.*Envia a carga.*--port <port> +porta do monitor \(padrão: "5000"\)/s],
    [['--help', '--lang', 'en'], /Sends this machine's CPU load.*--interval <ms> +milliseconds between two frames/s],
  ])('shows its help for %j', async (argv, text) => {
    const { written, ...rest } = streams();
    expect(await agentCommand(argv, { ...rest })).toBe(0);
    expect(written.stdout).toMatch(text);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('reports this machine until %s, and says what happens', async (signal) => {
    const hub = await HubDouble.open();
    const { written, ...rest } = streams();
    const code = agentCommand(['--port', String(hub.address[1]), '--name', 'pc-home'], { ...rest });
    const socket = await hub.accept();
    expect(await receive(socket)).toMatch(
      /^Hostname:pc-home {4}Carga de CPU:[ \d]{3}\.\d% Memória Disponível:[ \d]{3}\.\d%$/,
    );
    process.emit(signal);
    expect(await code).toBe(0);
    expect(written.stderr).toBe(`Conectado a 127.0.0.1:${hub.address[1]} como pc-home\nAgente encerrado\n`);
    await hub.close();
  });

  it('names the hub that it cannot reach, and the reason', async () => {
    const hub = await HubDouble.open();
    await hub.close();
    let code: Promise<number> | undefined;
    const told = new Promise<string>((resolve) => {
      code = agentCommand(['--port', String(hub.address[1])], { stdout: () => undefined, stderr: resolve });
    });
    expect(await told).toBe(
      `Sem conexão com 127.0.0.1:${hub.address[1]}: conexão recusada. Novas tentativas até conseguir\n`,
    );
    process.emit('SIGTERM');
    expect(await code).toBe(0);
  });
});
