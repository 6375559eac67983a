/**
 * Our servers for datagrams.
 *
 *   node ours-udp.js sendto|file|message async|selecting|sequential [BYTES]
 *
 * `sendto` answers by the socket, `file` reads `rfile` and writes `wfile`, `message` has messages of BYTES bytes.
 */
const { BaseRequestHandler, DatagramRequestHandler, MessageHandler, serverClass } = require('@socketserver/core');
const { fixedLength } = require('@socketserver/framing');
const control = require('./control.js');

const [mode, strategy, size = '64'] = process.argv.slice(2);

class SendtoHandler extends BaseRequestHandler {
  handle() {
    const [packet, socket] = this.request;
    return socket.sendto(packet, this.clientAddress);
  }
}

class FileHandler extends DatagramRequestHandler {
  async handle() {
    await this.wfile.write(await this.rfile.read());
  }
}

const frame = fixedLength(Number(size));

class EchoMessages extends MessageHandler {
  codec = frame;

  onMessage(message) {
    return this.send(message);
  }
}

const handlers = { sendto: SendtoHandler, file: FileHandler, message: EchoMessages };

async function main() {
  const server = await serverClass(strategy, 'udp').listen(['127.0.0.1', 0], handlers[mode]);
  control(server.serverAddress[1]);
  await server.serveForever();
}

void main();
