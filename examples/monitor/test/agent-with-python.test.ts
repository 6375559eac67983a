import { BackOff } from '@socketserver/host';
import { describeWithPython, endPrograms, type Program, python, pythonServer } from '@socketserver/testing';

import { Agent, type AgentEvent } from '../src/agent';
import { fixture } from './program';

const line = /Hostname:pc-home {4}Carga de CPU: {2}0\.5% Memória Disponível: 50\.4%\n\n/;

let stopping: AbortController;
let agents: Promise<void>[];

/** Starts an agent that reports every 20 ms, and waits as little between two attempts to connect. */
function report(port: number, name = 'pc-home', onEvent?: (event: AgentEvent) => void): void {
  const agent = new Agent({
    address: ['127.0.0.1', port],
    name,
    interval: 20,
    backOff: new BackOff(20, 40),
    probe: { read: () => Promise.resolve({ cpu: 0.5, memory: 50.4 }) },
    onEvent,
  });
  agents.push(agent.run(stopping.signal));
}

function count(server: Program, pattern: RegExp): number {
  return [...server.stdout.matchAll(pattern)].length;
}

describeWithPython('Agent with a Python server', () => {
  beforeEach(() => {
    stopping = new AbortController();
    agents = [];
  });

  afterEach(async () => {
    stopping.abort();
    await Promise.all(agents);
    await endPrograms();
  });

  it.each(['select_server', 'thread_server'])('reports to %s, frame by frame', async (name) => {
    const { server, port } = await pythonServer(fixture(name));
    report(port);
    await server.prints(new RegExp(`^porta ${port}\\n(?:${line.source}){5}`));
  });

  it.each(['select_server', 'thread_server'])('shares %s with other agents, ours and theirs', async (name) => {
    const { server, port } = await pythonServer(fixture(name));
    report(port);
    report(port, 'web-server-01');
    const theirs = python(fixture('agent'), port, 'bytes', 3, 'theirs');
    await server.prints(/Hostname:theirs {5}Carga de CPU: {2}2\.5%/);
    await server.prints(/Hostname:web-server Carga de CPU: {2}0\.5% Memória Disponível: 50\.4%\n\n/);
    await server.prints(line);
    expect(await theirs.ended).toBe(0);
    for (const [text] of server.stdout.replace(/^porta \d+\n/, '').matchAll(/[^\n]+(?=\n)/g))
      expect(text).toHaveLength(65);
  });

  it('lets select_server do its idle work while no agent is there', async () => {
    const { server, port } = await pythonServer(fixture('select_server'), 0.05);
    await server.prints(/Fazendo qualquer processamento\n\n/);
    report(port);
    await server.prints(line);
  });

  it('comes back when thread_server ends its connection after every second frame', async () => {
    const { server, port } = await pythonServer(fixture('thread_server'), 2);
    const events: AgentEvent['type'][] = [];
    report(port, 'pc-home', ({ type }) => events.push(type));
    await server.prints(new RegExp(`(?:${line.source}){6}`));
    expect(events.slice(0, 5)).toEqual(['connected', 'lost', 'connected', 'lost', 'connected']);
    expect(count(server, new RegExp(line, 'g'))).toBeGreaterThanOrEqual(6);
  });

  it('finds a Python server again that was killed and started again', async () => {
    const { server, port } = await pythonServer(fixture('thread_server'));
    report(port);
    await server.prints(line);
    await server.end('SIGKILL');
    const again = python(fixture('thread_server'), port);
    await again.prints(line);
  });
});
