/**
 * Our servers.
 *
 *   node ours.js recv|line|message STRATEGY [BYTES [children-accept]]
 *
 * `recv` is a `recv`/`sendall` handler, `line` reads `rfile` and writes `wfile`, `message` has messages of BYTES bytes.
 */
const { BaseRequestHandler, MessageHandler, StreamRequestHandler, serverClass } = require('@socketserver/core');
const { fixedLength } = require('@socketserver/framing');
const control = require('./control.js');

const isServer = require.main === module;
/** Workers have the environment of their server, and not its arguments. */
const SIZE = 'BENCH_BYTES';
if (isServer) process.env[SIZE] = process.argv[4] ?? '64';

class RecvHandler extends BaseRequestHandler {
  static module = __filename;

  async handle() {
    for (;;) {
      const data = await this.request.recv(65536);
      if (data.length === 0) return;
      await this.request.sendall(data);
    }
  }
}

class LineHandler extends StreamRequestHandler {
  static module = __filename;

  async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

const frame = fixedLength(Number(process.env[SIZE]));

class EchoMessages extends MessageHandler {
  static module = __filename;
  codec = frame;

  onMessage(message) {
    return this.send(message);
  }
}

const handlers = { recv: RecvHandler, line: LineHandler, message: EchoMessages };
module.exports = { RecvHandler, LineHandler, EchoMessages };

async function main() {
  const [mode, strategy, , accepting] = process.argv.slice(2);
  class Server extends serverClass(strategy, 'tcp') {
    requestQueueSize = 1024;
    // The connections of `idle` in as many processes as others are in, and not in fifty.
    requestsPerWorker = 10_000;
    childrenAccept = accepting === 'children-accept';
    handleError() {} // Clients end by a reset.
  }
  await control.expectWorkers();
  const server = await Server.listen(['127.0.0.1', 0], handlers[mode]);
  control(server.serverAddress[1]);
  await server.serveForever();
}

if (isServer) void main();
else control.answerServer();
