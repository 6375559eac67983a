/**
 * Our servers.
 *
 *   node ours.js recv|line|message async|selecting|sequential [BYTES]
 *
 * `recv` is a `recv`/`sendall` handler, `line` reads `rfile` and writes `wfile`, `message` has messages of BYTES bytes.
 */
const { BaseRequestHandler, MessageHandler, StreamRequestHandler, serverClass } = require('@socketserver/core');
const { fixedLength } = require('@socketserver/framing');
const control = require('./control.js');

const [mode, strategy, size = '64'] = process.argv.slice(2);

class RecvHandler extends BaseRequestHandler {
  async handle() {
    for (;;) {
      const data = await this.request.recv(65536);
      if (data.length === 0) return;
      await this.request.sendall(data);
    }
  }
}

class LineHandler extends StreamRequestHandler {
  async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

const frame = fixedLength(Number(size));

class EchoMessages extends MessageHandler {
  codec = frame;

  onMessage(message) {
    return this.send(message);
  }
}

const handlers = { recv: RecvHandler, line: LineHandler, message: EchoMessages };

class Server extends serverClass(strategy, 'tcp') {
  requestQueueSize = 1024;
  handleError() {} // Clients end by a reset.
}

async function main() {
  const server = await Server.listen(['127.0.0.1', 0], handlers[mode]);
  control(server.serverAddress[1]);
  await server.serveForever();
}

void main();
