import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for the sockets of a test, removed with them.
 *
 * ```ts
 * using folder = new SocketFolder();
 * const server = await UnixStreamServer.listen(folder.path(), Echo);
 * ```
 */
export class SocketFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sockets-'));
  #count = 0;

  /** A path that nothing is at yet: a server leaves its own behind, and the next one needs another. */
  path(): string {
    return join(this.#folder, String(++this.#count));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
