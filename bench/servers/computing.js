/**
 * Our servers, with a handler that computes before it answers.
 *
 *   node computing.js STRATEGY STEPS
 *
 * Messages have 64 bytes, and come back. The first byte says how long it computes: `p` (a ping) not at all, `h` (a hog)
 * 200 ms, others 10 ms, in STEPS for each millisecond. `w` asks which worker this is, and is answered by its name instead.
 */
const { threadId } = require('node:worker_threads');
const { BaseRequestHandler, serverClass } = require('@socketserver/core');
const { compute } = require('./compute.js');
const control = require('./control.js');

const BYTES = 64;
const WORKERS = 2;
const COSTS_MS = { p: 0, h: 200 };
const USUAL_COST_MS = 10;

const isServer = require.main === module;
/** Workers have the environment of their server, and not its arguments. */
const STEPS = 'BENCH_STEPS';
if (isServer) process.env[STEPS] = process.argv[3];
const stepsPerMs = Number(process.env[STEPS]);

class ComputingHandler extends BaseRequestHandler {
  static module = __filename;

  async handle() {
    for (;;) {
      const data = await this.request.recv(65536);
      if (data.length === 0) return;
      await this.request.sendall(answer(data));
    }
  }
}

function answer(data) {
  const kind = String.fromCharCode(data[0]);
  if (kind === 'w') return Buffer.from(`${process.pid}/${threadId}`.padEnd(BYTES));
  compute(COSTS_MS[kind] ?? USUAL_COST_MS, stepsPerMs);
  return data;
}

module.exports = { ComputingHandler };

async function main() {
  class Server extends serverClass(process.argv[2], 'tcp') {
    handleError() {} // Clients end by a reset.
  }
  const server = await Server.listen(['127.0.0.1', 0], ComputingHandler, { workers: WORKERS });
  control(server.serverAddress[1]);
  await server.serveForever();
}

if (isServer) void main();
