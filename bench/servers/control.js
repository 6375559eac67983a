/**
 * What every server here does for the runner: it says its port in the first line of standard output, answers each line
 * `mem` on standard input with one line of JSON (bytes), and ends when standard input closes.
 *
 * ```
 *   runner ── mem ──▶ server ── mem ──▶ each worker thread, each child process
 *          ◀─ sum ───        ◀─ own ───
 * ```
 */
const { once } = require('node:events');
const { connect, createServer } = require('node:net');
const { createInterface } = require('node:readline');
const { isMainThread } = require('node:worker_threads');

/** Where the workers of this server find it. */
const VARIABLE = 'BENCH_CONTROL';

/** @type {Set<{ socket: import('node:net').Socket, lines: AsyncIterator<string> }>} */
const workers = new Set();

/** @param {number} port where the server listens */
module.exports = function control(port) {
  process.stdout.write(`${port}\n`);
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line === 'mem') void reportMemory();
    })
    .on('close', () => process.exit());
};

/** Called by a server before it starts workers. */
module.exports.expectWorkers = async function expectWorkers() {
  const server = createServer((socket) => {
    const worker = { socket, lines: linesOf(socket)[Symbol.asyncIterator]() };
    workers.add(worker);
    socket.on('error', () => {}).on('close', () => workers.delete(worker));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.env[VARIABLE] = String(server.address().port);
};

/** Called by the same file in a worker: from now on it tells of its memory. */
module.exports.answerServer = function answerServer() {
  const socket = connect({ host: '127.0.0.1', port: Number(process.env[VARIABLE]) }).unref();
  linesOf(socket.on('error', () => {})).on('line', async () => {
    const { rss, heap } = await ownMemory();
    // A thread is a part of the process, which its server has counted.
    socket.write(`${JSON.stringify({ rss: isMainThread ? rss : 0, heap })}\n`);
  });
};

const linesOf = (socket) => createInterface({ input: socket });

async function reportMemory() {
  const told = [];
  for (const { socket, lines } of workers) {
    socket.write('mem\n');
    told.push(JSON.parse((await lines.next()).value));
  }
  // Last, because it has the threads in it, which have collected their garbage by now.
  told.push(await ownMemory());
  const sum = (key) => told.reduce((total, each) => total + each[key], 0);
  process.stdout.write(`${JSON.stringify({ rss: sum('rss'), heap: sum('heap') })}\n`);
}

/** Collects garbage until nothing more goes away, then tells what is left. */
async function ownMemory() {
  if (globalThis.gc === undefined) throw new Error('mem: start the server with NODE_OPTIONS=--expose-gc');
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
