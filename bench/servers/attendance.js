/**
 * The roll call, as the host runs it for `socketserver serve attendance`: SQLite on disk, each reply after its sync.
 *
 *   node attendance.js async|selecting FOLDER
 *
 * What it prints is written, and nobody's terminal is measured.
 */
const { createWriteStream } = require('node:fs');
const { devNull } = require('node:os');
const { attendance } = require('@socketserver/attendance');
const { runPlugin } = require('@socketserver/host');
const control = require('./control.js');

const [strategy, dataDir] = process.argv.slice(2);

async function main() {
  const stdout = createWriteStream(devNull);
  // All students of the load come from one address.
  const options = { port: 0, strategy, settings: { dataDir }, maxConnectionsPerAddress: 0, stdout };
  const { address } = await runPlugin(attendance, options);
  control(address[1]);
}

void main();
