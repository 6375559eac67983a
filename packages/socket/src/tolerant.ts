/**
 * Lets a promise be forgotten: if it is rejected and nobody awaits it, the process lives on. Whoever awaits it still gets
 * the error.
 *
 * For sends and receives: they fail by what a peer does, the socket remembers why, and a missing `await` in a handler must
 * not let one peer end the connections of all others.
 */
export function tolerant<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
