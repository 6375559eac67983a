/** Turns of the event loop in which code that waits for nothing but the next turn has come to rest. */
const TURNS = 5;

/** Lets everything that is ready happen: before a clock is moved, or to show that something does not happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
}
