/**
 * Calls from a worker to the server's process.
 *
 *   node calls.js shared|bare thread|child
 *
 * `shared` calls a method of a shared service, in a handler. `bare` sends what such a call needs, a number to tell its
 * result by, the method's name and an argument, by `postMessage()` or `send()`, and waits until as many messages have come
 * back: the least that it can cost.
 *
 * A client sends one line, `AT_ONCE SECONDS WARMUP`. The worker makes AT_ONCE calls, waits for all results, and begins
 * again. The answer is a line of JSON.
 */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:net');
const { createInterface } = require('node:readline');
const { Worker, parentPort } = require('node:worker_threads');
const { StreamRequestHandler, inject, injectable, serverClass, shared } = require('@socketserver/core');
const control = require('./control.js');

class Counter {}

class MemoryCounter extends Counter {
  #value = 0;

  async add(count) {
    return (this.#value += count);
  }
}

class CallingHandler extends StreamRequestHandler {
  static module = __filename;

  constructor(counter) {
    super();
    this.counter = counter;
  }

  async handle() {
    const line = String(await this.rfile.readline());
    const together = (count) =>
      count === 1 ? this.counter.add(1) : Promise.all(Array.from({ length: count }, () => this.counter.add(1)));
    await this.wfile.write(await measure(line, together));
  }
}
inject(Counter)(CallingHandler, undefined, 0);
injectable()(CallingHandler);

module.exports = { CallingHandler };

/**
 * @param {string} line what the client wants
 * @param {(count: number) => Promise<unknown>} together makes so many calls and waits for their results
 */
async function measure(line, together) {
  const [atOnce, seconds, warmup] = line.split(' ').map(Number);
  await callFor(warmup, atOnce, together);
  return `${JSON.stringify({ opsPerSecond: await callFor(seconds, atOnce, together), errors: 0 })}\n`;
}

/** @returns {Promise<number>} calls in a second */
async function callFor(seconds, atOnce, together) {
  const start = performance.now();
  const end = start + seconds * 1000;
  let calls = 0;
  let time = start;
  for (; time < end; time = performance.now()) {
    await together(atOnce);
    calls += atOnce;
  }
  return (calls * 1000) / (time - start);
}

/** The argument by which this file is the worker at the other end of a bare channel. */
const WORKER = 'worker';

/** Calls from here, when the other end sends a line. */
function beBareWorker() {
  const port = parentPort ?? process;
  const post = parentPort === null ? (message) => process.send(message) : (message) => parentPort.postMessage(message);
  let id = 0;
  let expected = 0;
  let resolve;
  const together = (count) =>
    new Promise((done) => {
      resolve = done;
      expected = count;
      for (let call = 0; call < count; call++) post([++id, 'add', 1]);
    });
  port.on('message', (message) => {
    if (typeof message === 'string') void measure(message, together).then(post);
    else if (--expected === 0) resolve();
  });
}

function startBareWorker(kind) {
  if (kind === 'thread') {
    const worker = new Worker(__filename, { argv: [WORKER] });
    return { port: worker, post: (message) => worker.postMessage(message) };
  }
  const child = fork(__filename, [WORKER], { serialization: 'advanced' });
  return { port: child, post: (message) => child.send(message) };
}

/** Answers calls, and hands a client's line on. @returns {Promise<number>} the port */
async function listenBare(kind) {
  const { post, port } = startBareWorker(kind);
  let client;
  let value = 0;
  port.on('message', (message) => {
    if (typeof message === 'string') client.end(message);
    else post([message[0], (value += message[2])]);
  });
  const server = createServer((socket) => {
    client = socket;
    createInterface({ input: socket }).once('line', post);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server.address().port;
}

async function listenShared(kind) {
  const Server = serverClass(kind === 'thread' ? 'threading' : 'forking', 'tcp');
  const options = { shared: [shared(Counter, MemoryCounter)] };
  const server = await Server.listen(['127.0.0.1', 0], CallingHandler, options);
  void server.serveForever();
  return server.serverAddress[1];
}

async function main() {
  const [what, kind] = process.argv.slice(2);
  control(await (what === 'bare' ? listenBare(kind) : listenShared(kind)));
}

if (require.main === module) {
  if (process.argv[2] === WORKER) beBareWorker();
  else void main();
}
