/** The yardstick for datagrams: Node's own `dgram`, as one would write it by hand. */
const { createSocket } = require('node:dgram');
const control = require('./control.js');

const socket = createSocket('udp4', (message, { port, address }) => socket.send(message, port, address));
socket.bind({ address: '127.0.0.1', port: 0 }, () => control(socket.address().port));
