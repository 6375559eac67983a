import { type FileHandle, open } from 'node:fs/promises';

import { UnsupportedError } from './errors';

/** Bytes of the file that are in memory, twice: one part is sent while the next is read. */
const PART = 262_144;

/** What is needed of a socket here. */
interface Sender {
  sendall(data: Uint8Array): Promise<void>;
  gettimeout(): number | null;
}

/** What `Socket.sendfile()` does: see there. */
export async function sendfile(
  socket: Sender,
  file: string | URL | FileHandle,
  offset: number,
  count: number,
): Promise<number> {
  check('offset', offset, Number.isSafeInteger(offset) && offset >= 0);
  check('count', count, count === Infinity || (Number.isSafeInteger(count) && count >= 0));
  // Without waiting for the kernel, the memory of a part that has not left would be filled with another one.
  check('timeout', socket.gettimeout(), socket.gettimeout() !== 0);
  const isOurs = typeof file === 'string' || file instanceof URL;
  const handle = isOurs ? await open(file) : file;
  try {
    return await sendParts(socket, handle, offset, count);
  } finally {
    if (isOurs) await handle.close();
  }
}

async function sendParts(socket: Sender, handle: FileHandle, offset: number, count: number): Promise<number> {
  let memory: Buffer = Buffer.allocUnsafeSlow(Math.min(PART, count));
  let spare: Buffer | null = null;
  let sent = 0;
  let part = await readPart(handle, memory, offset, count);
  while (part.length > 0) {
    const sending = socket.sendall(part);
    sent += part.length;
    const next: Buffer = (spare ??= Buffer.allocUnsafeSlow(memory.length));
    [part] = await Promise.all([readPart(handle, next, offset + sent, count - sent), sending]);
    [memory, spare] = [next, memory];
  }
  return sent;
}

/** Empty at the end of the file, wherever that is by now. */
async function readPart(handle: FileHandle, into: Buffer, position: number, count: number): Promise<Buffer> {
  const length = Math.min(into.length, count);
  if (length === 0) return into.subarray(0, 0);
  const { bytesRead } = await handle.read(into, 0, length, position);
  return into.subarray(0, bytesRead);
}

function check(name: string, value: unknown, isRight: boolean): void {
  if (isRight) return;
  const rule = name === 'timeout' ? 'the timeout must not be 0' : `the ${name} must be a whole number of bytes`;
  throw new UnsupportedError(`sendfile: ${rule}; got ${String(value)}`, 'EINVAL', { operation: 'sendfile' });
}
