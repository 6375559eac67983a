/**
 * Where a worker notes whose handler is at work, for the server to read when the worker is stuck and cannot be asked.
 *
 * ```
 *   server: new Slate() ── reference ──▶ worker: slateWriter(reference) ── write(id)
 *        └── read() ◀──────────────── the same memory, or the same file ──────┘
 * ```
 *
 * Threads share memory. Processes share a file of four bytes, without a name: to write there takes a microsecond or two.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the worker gets: the memory itself, or the number of the descriptor that it was started with. */
export type SlateReference = Int32Array<SharedArrayBuffer> | number;

/** What the server keeps. */
export interface Slate {
  /** The number of the request that was noted last; 0: none. */
  read(): number;
  /** Frees what it holds. */
  close(): void;
}

/** A slate for a thread, and what the thread gets. */
export function memorySlate(): Slate & { readonly reference: Int32Array<SharedArrayBuffer> } {
  const reference = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return { reference, read: () => Atomics.load(reference, 0), close: () => undefined };
}

/** A slate for a process, and the descriptor that it is to inherit; `null` where no such file can be made. */
export function fileSlate(): (Slate & { readonly fd: number }) | null {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'socketserver-'));
    const fd = openSync(join(folder, 'slate'), 'w+', 0o600);
    forget(folder);
    const bytes = Buffer.alloc(Int32Array.BYTES_PER_ELEMENT);
    const read = (): number => (readSync(fd, bytes, 0, bytes.length, 0) === bytes.length ? bytes.readInt32LE() : 0);
    return { fd, read, close: () => closeSync(fd) };
  } catch {
    // Without it the server knows that a worker is stuck, and not by whom.
    return null;
  }
}

function forget(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Windows keeps what is open. It is four bytes, where temporary files are.
  }
}

/** In the worker: notes the number of a request; 0: none. */
export function slateWriter(reference: SlateReference): (id: number) => void {
  if (typeof reference !== 'number') return (id) => void Atomics.store(reference, 0, id);
  const bytes = Buffer.alloc(Int32Array.BYTES_PER_ELEMENT);
  return (id) => {
    bytes.writeInt32LE(id | 0);
    try {
      writeSync(reference, bytes, 0, bytes.length, 0);
    } catch {
      // A full disk: what was noted before stays.
    }
  };
}
