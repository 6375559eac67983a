/** One measurement: a fresh server on one processor, the load generator on another, both ended again. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Programs, and the data of servers: on the disk of this checkout, because a machine's temporary folder may be memory. */
const build = join(import.meta.dirname, '.build');
const generators = ['loadgen', 'rollgen'];

/** Whether a server and the load can each have a processor of their own. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

/** Longer than any server takes to start, to answer or to end. */
const PATIENCE_MS = 20_000;
/** Longer than the longest measurement. */
const MOST_PATIENCE_MS = 1_300_000;
/** Seconds within which all idle connections must be open. */
const OPENING_SECONDS = 60;

/** Compiles the load generators. They need a C compiler and Linux's epoll. */
export function buildGenerators() {
  mkdirSync(build, { recursive: true });
  const compiler = [process.env.CC, 'cc', 'gcc', 'clang'].filter(Boolean).find(canStart);
  if (compiler === undefined) {
    throw new Error(
      'No C compiler was found, and the load generators are written in C: install gcc or clang, or set CC.',
    );
  }
  for (const generator of generators) {
    const source = join(import.meta.dirname, `${generator}.c`);
    const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-o', join(build, generator)];
    const { status } = spawnSync(compiler, [...flags, source], { stdio: 'inherit' });
    if (status !== 0) {
      throw new Error(`${compiler} could not compile ${source}; the lines above say why (it needs Linux).`);
    }
  }
}

/** Whether there is such a program. */
export function canStart(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Runs something with an empty folder on a real disk, which is removed afterwards. */
export async function withFolder(use) {
  const folder = mkdtempSync(join(build, 'data-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Measures one contender in one figure.
 *
 * @param {import('./contenders.mjs').Contender} contender
 * @param {import('./contenders.mjs').Figure} figure
 * @param {{ seconds: number, warmup: number }} time
 * @returns {Promise<Record<string, number>>} the figure's metrics, and `errors`
 */
export function measure(contender, figure, time) {
  return withFolder(async (folder) => {
    const server = await startServer(contender.command(figure, folder));
    try {
      if (figure.mode === 'idle') return await measureIdle(server, figure);
      return figure.mode === 'roll' ? await measureRoll(server, figure) : await measureRate(server, figure, time);
    } finally {
      await server.stop();
    }
  });
}

async function measureRate(server, { mode, connections, bytes }, { seconds, warmup }) {
  const start = { time: performance.now(), cpu: server.cpuMs() };
  const result = await startLoad('loadgen', [mode, server.port, connections, bytes, seconds, warmup]).result();
  return { ...result, busy: (server.cpuMs() - start.cpu) / (performance.now() - start.time) };
}

async function measureIdle(server, { connections, bytes }) {
  // What is compiled and cached on first use is no part of a connection.
  await startLoad('loadgen', ['echo', server.port, 100, bytes, 0.5]).result();
  const before = await server.memory();
  const load = startLoad('loadgen', ['idle', server.port, connections, bytes, OPENING_SECONDS]);
  const { errors } = await load.result();
  const after = await server.memory();
  await load.stop();
  const metrics = Object.keys(after).map((key) => [key, (after[key] - before[key]) / connections]);
  return { ...Object.fromEntries(metrics), errors };
}

function measureRoll(server, { roll: { classes, students, waves, warmup } }) {
  return startLoad('rollgen', [server.port, classes, students, waves, warmup]).result();
}

async function startServer(command) {
  const child = start(command, 0);
  const port = Number(await child.line());
  const memory = async () => {
    child.write('mem\n');
    return JSON.parse(await child.line());
  };
  return { port, memory, cpuMs: () => cpuMs(child.pid), stop: child.stop };
}

function startLoad(generator, args) {
  const child = start([join(build, generator), ...args.map(String)], 1);
  const result = async () => JSON.parse(await child.line(MOST_PATIENCE_MS));
  return { result, stop: child.stop };
}

/** A child on one processor, that speaks in lines and ends when its standard input closes. */
function start(command, processor) {
  const [file, ...args] = canPin ? ['taskset', '-c', String(processor), ...command] : command;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('error', resolve).on('close', resolve));
  child.stdin.on('error', () => {}); // It has ended; line() tells.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const line = async (patience = PATIENCE_MS) => {
    const { value, done } = await within(patience, lines.next(), `\`${command.join(' ')}\` says nothing`);
    if (done) throw new Error(`\`${command.join(' ')}\` has ended early; the lines above may say why.`);
    return value;
  };
  const stop = async () => {
    child.stdin.end();
    try {
      await within(PATIENCE_MS, ended, `\`${command.join(' ')}\` does not end`);
    } finally {
      child.kill('SIGKILL');
    }
  };
  return { pid: child.pid, line, stop, write: (text) => child.stdin.write(text) };
}

/** Milliseconds of processor time that a process has used: user and system, which Linux counts in steps of 10 ms. */
function cpuMs(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) * 10;
}

async function within(ms, promise, complaint) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ms);
  try {
    return await Promise.race([
      promise,
      once(timeout.signal, 'abort').then(() => {
        throw new Error(`${complaint} for ${ms / 1000} s.`);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
