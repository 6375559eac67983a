/**
 * What every server here does for the runner: it says its port in the first line of standard output, answers each line
 * `mem` on standard input with one line of JSON (bytes), and ends when standard input closes.
 */
const { createInterface } = require('node:readline');

/** @param {number} port where the server listens */
module.exports = function control(port) {
  process.stdout.write(`${port}\n`);
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line === 'mem') void reportMemory();
    })
    .on('close', () => process.exit());
};

/** Collects garbage until nothing more goes away, then tells what is left. */
async function reportMemory() {
  if (globalThis.gc === undefined) throw new Error('mem: start the server with `node --expose-gc`');
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ rss, heap: heapUsed + external })}\n`);
}
