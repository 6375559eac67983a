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
  /** Made when it is needed: where all tests are skipped nobody removes it. */
  #folder: string | null = null;
  #count = 0;

  /** A path that nothing is at yet: a server leaves its own behind, and the next one needs another. */
  path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'sockets-'));
    return join(this.#folder, String(++this.#count));
  }

  [Symbol.dispose](): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }
}
