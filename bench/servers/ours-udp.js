/**
 * Our servers for datagrams.
 *
 *   node ours-udp.js sendto|file|message STRATEGY [BYTES]
 *
 * `sendto` answers by the socket, `file` reads `rfile` and writes `wfile`, `message` has messages of BYTES bytes.
 */
const { BaseRequestHandler, DatagramRequestHandler, MessageHandler, serverClass } = require('@socketserver/core');
const { fixedLength } = require('@socketserver/framing');
const control = require('./control.js');

class SendtoHandler extends BaseRequestHandler {
  static module = __filename;

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

const frame = fixedLength(Number(process.argv[4] ?? 64));

class EchoMessages extends MessageHandler {
  codec = frame;

  onMessage(message) {
    return this.send(message);
  }
}

const handlers = { sendto: SendtoHandler, file: FileHandler, message: EchoMessages };
module.exports = { SendtoHandler };

async function main() {
  const [mode, strategy] = process.argv.slice(2);
  const server = await serverClass(strategy, 'udp').listen(['127.0.0.1', 0], handlers[mode]);
  control(server.serverAddress[1]);
  await server.serveForever();
}

if (require.main === module) void main();
