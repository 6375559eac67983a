/**
 * How long a server takes to listen: the second line of standard output has it, in milliseconds, as JSON.
 *
 *   node starting.js net|STRATEGY
 */
const { once } = require('node:events');
const { createServer } = require('node:net');
const { BaseRequestHandler, serverClass } = require('@socketserver/core');
const control = require('./control.js');

const WORKERS = 2;

class EchoHandler extends BaseRequestHandler {
  static module = __filename;

  async handle() {
    for (;;) {
      const data = await this.request.recv(65536);
      if (data.length === 0) return;
      await this.request.sendall(data);
    }
  }
}

module.exports = { EchoHandler };

/** @returns {Promise<number>} the port */
async function listenByNet() {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (chunk) => socket.write(chunk));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server.address().port;
}

/** @returns {Promise<number>} the port */
async function listen(strategy) {
  class Server extends serverClass(strategy, 'tcp') {
    handleError() {} // Clients end by a reset.
  }
  const server = await Server.listen(['127.0.0.1', 0], EchoHandler, { workers: WORKERS });
  void server.serveForever();
  return server.serverAddress[1];
}

async function main() {
  const [strategy] = process.argv.slice(2);
  const start = performance.now();
  const port = await (strategy === 'net' ? listenByNet() : listen(strategy));
  const listenMs = performance.now() - start;
  control(port);
  process.stdout.write(`${JSON.stringify({ listenMs })}\n`);
}

if (require.main === module) void main();
