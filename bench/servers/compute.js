/** What handlers compute that compute: a loop in JavaScript, so many steps of which take a millisecond here. */

/** Milliseconds of one look at the clock while calibrating. */
const LOOK_MS = 1;
const LOOKS = 300;

/** @param {number} steps */
function loop(steps) {
  let value = 1;
  for (let step = 0; step < steps; step++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  return value;
}

/**
 * Computes for so many milliseconds, if nobody else wants the processor: it is a fixed amount of work.
 *
 * @param {number} ms
 * @param {number} stepsPerMs from {@link calibrate}
 */
module.exports.compute = function compute(ms, stepsPerMs) {
  let value = 0;
  for (let done = 0; done < ms; done++) value ^= loop(stepsPerMs);
  return value;
};

/** How many steps a millisecond has, by the fastest of many looks: in the others something else was running. */
module.exports.calibrate = function calibrate() {
  let steps = 100_000;
  let most = 0;
  for (let look = 0; look < LOOKS; look++) {
    const start = performance.now();
    loop(steps);
    most = Math.max(most, steps / (performance.now() - start));
    steps = Math.round(most * LOOK_MS);
  }
  return steps;
};
