/** One measurement: a fresh server, the load generator on another processor where nothing else is wanted, both ended again. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Programs, and the data of servers: on the disk of this checkout, because a machine's temporary folder may be memory. */
const build = join(import.meta.dirname, '.build');
const generators = ['loadgen', 'rollgen', 'hoggen'];

/** Whether a server and the load can each have a processor of their own. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;

/** Those of the server, and those of the load. */
const APART = { server: '0', load: '1' };
const TOGETHER = { server: '0,1', load: '0,1' };

/** Longer than any server takes to start, to answer or to end. */
const PATIENCE_MS = 20_000;
/** Longer than the longest measurement. */
const MOST_PATIENCE_MS = 1_300_000;
/** Seconds within which all idle connections must be open. */
const OPENING_SECONDS = 60;
/** How often a server is started for one measurement of how it starts. */
const STARTS = 3;
/** Seconds of connections, one after the other, after the first one. */
const LATER_SECONDS = 0.2;

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
  if (figure.mode === 'start') return measureStarts(contender, figure);
  return withServer(contender, figure, (server) => {
    switch (figure.mode) {
      case 'idle':
        return measureIdle(server, figure);
      case 'roll':
        return measureRoll(server, figure);
      case 'hog':
        // One processor is the hog's, whoever serves the others.
        return measureBusy(server, 1, () => measureHog(server, figure, time));
      case 'call':
        return measureBusy(server, 1, () => measureCalls(server, figure, time));
      default:
        return measureBusy(server, contender.processors ?? 1, () => measureRate(server, figure, time));
    }
  });
}

/** Starts the server, and ends it afterwards. */
function withServer(contender, figure, use) {
  return withFolder(async (folder) => {
    const server = await startServer(contender.command(figure, folder), figure);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  });
}

/** Adds how much the server had of so many processors, which it could keep busy, and what one operation took of them. */
async function measureBusy(server, processors, run) {
  const start = { time: performance.now(), cpu: server.cpuMs() };
  const result = await run();
  const used = (server.cpuMs() - start.cpu) / (performance.now() - start.time);
  return { ...result, busy: used / processors, cpu: (used * 1e6) / result.opsPerSecond };
}

function measureRate(server, { mode, connections, bytes }, { seconds, warmup }) {
  return server.load('loadgen', [mode, server.port, connections, bytes, seconds, warmup]).result();
}

async function measureIdle(server, { connections, bytes }) {
  // What is compiled and cached on first use is no part of a connection.
  await server.load('loadgen', ['echo', server.port, 100, bytes, 0.5]).result();
  const before = await server.memory();
  const load = server.load('loadgen', ['idle', server.port, connections, bytes, OPENING_SECONDS]);
  const { errors } = await load.result();
  const after = await server.memory();
  await load.stop();
  const metrics = Object.keys(after).map((key) => [key, (after[key] - before[key]) / connections]);
  return { ...Object.fromEntries(metrics), errors };
}

function measureRoll(server, { roll: { classes, students, waves, warmup } }) {
  return server.load('rollgen', [server.port, classes, students, waves, warmup]).result();
}

function measureHog(server, { connections }, { seconds, warmup }) {
  return server.load('hoggen', [server.port, connections, seconds, warmup / 2]).result();
}

/** Has the server's worker call, for a part of the time that others get: it is alone there, and calls are short. */
async function measureCalls(server, { atOnce }, { seconds, warmup }) {
  const socket = connect(server.port, '127.0.0.1').on('error', () => {}); // It has ended; the line tells.
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  try {
    socket.write(`${atOnce} ${seconds / 4} ${warmup / 2}\n`);
    const { value, done } = await within(MOST_PATIENCE_MS, lines.next(), 'A server that calls says nothing');
    if (done) throw new Error('A server that calls has ended early; the lines above may say why.');
    return JSON.parse(value);
  } finally {
    socket.destroy();
  }
}

/** Starts it several times. @returns the median of each metric, and all errors */
async function measureStarts(contender, figure) {
  const starts = [];
  for (let start = 0; start < STARTS; start++) {
    starts.push(
      await withServer(contender, figure, async (server) => {
        const { listenMs } = JSON.parse(await server.line());
        const load = ['conn', server.port, 1, 64, LATER_SECONDS];
        return { ...(await server.load('loadgen', load).result()), listenMs };
      }),
    );
  }
  const median = (key) => starts.map((start) => start[key]).sort((a, b) => a - b)[Math.floor(STARTS / 2)];
  const medians = Object.fromEntries(Object.keys(starts[0]).map((key) => [key, median(key)]));
  return { ...medians, errors: starts.reduce((sum, { errors }) => sum + errors, 0) };
}

async function startServer(command, { nodeFlags = [], hasBothProcessors = false }) {
  const processors = hasBothProcessors ? TOGETHER : APART;
  // By the environment, which child processes of the server have, too.
  const child = start(command, processors.server, { NODE_OPTIONS: ['--expose-gc', ...nodeFlags].join(' ') });
  const port = Number(await child.line());
  const memory = async () => {
    child.write('mem\n');
    return JSON.parse(await child.line());
  };
  const load = (generator, args) => startLoad(generator, args, processors.load);
  return { port, memory, load, line: child.line, cpuMs: () => cpuMs(child.pid), stop: child.stop };
}

function startLoad(generator, args, processors) {
  const child = start([join(build, generator), ...args.map(String)], processors);
  const result = async () => JSON.parse(await child.line(MOST_PATIENCE_MS));
  return { result, stop: child.stop };
}

/** A child on these processors, that speaks in lines and ends when its standard input closes. */
function start(command, processors, environment = {}) {
  const [file, ...args] = canPin ? ['taskset', '-c', processors, ...command] : command;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...environment } });
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

/** Milliseconds of processor time that a process and its children have used, which Linux counts in steps of 10 ms. */
function cpuMs(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuMs(child), (user + system) * 10);
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
