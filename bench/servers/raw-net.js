/**
 * The yardstick: Node's own `net`, as one would write it by hand.
 *
 *   node raw-net.js echo     sends back every chunk
 *   node raw-net.js lines    cuts the stream into lines and sends back each line
 */
const { createServer } = require('node:net');
const control = require('./control.js');

const NEWLINE = 0x0a;

const handlers = {
  echo(socket) {
    socket.on('data', (chunk) => socket.write(chunk));
  },
  lines(socket) {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      let begin = 0;
      if (rest.length > 0) chunk = Buffer.concat([rest, chunk]);
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
        socket.write(chunk.subarray(begin, end + 1));
        begin = end + 1;
      }
      rest = chunk.subarray(begin);
    });
  },
};

const handler = handlers[process.argv[2] ?? 'echo'];
const server = createServer({ allowHalfOpen: false }, (socket) => {
  socket.on('error', () => {}); // Clients end by a reset.
  handler(socket);
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => control(server.address().port));
