import { open } from 'node:fs/promises';
import { truncateSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { BrokenPipeError, SHUT_WR } from '@socketserver/socket';
import { folder } from './folder';
import { accepted, descriptors, everyWay, noise, receiveAllSlowly, refusal, sha256, until, ways } from './loopback';

const bytes = noise(3 * 1024 * 1024 + 17);

function file(): string {
  const path = folder('file');
  writeFileSync(path, bytes);
  return path;
}

describe.each(ways)(`sendfile (${everyWay})`, (way) => {
  it('sends a whole file, by path, URL or handle, and says how much', async () => {
    const path = file();
    const handle = await open(path);
    for (const each of [path, pathToFileURL(path), handle]) {
      const { socket, peer } = await accepted(way);
      const received = receiveAllSlowly(peer);
      expect(await socket.sendfile(each)).toBe(bytes.length);
      socket.shutdown(SHUT_WR);
      expect(sha256(await received)).toBe(sha256(bytes));
    }
    expect((await handle.stat()).size).toBe(bytes.length); // Still open, and it was not read from its position.
    await handle.close();
  });
});

describe('sendfile', () => {
  it.each([
    [0, 0, 0],
    [0, 1, 1],
    [5, 300_000, 300_000],
    [262_144, 262_144, 262_144],
    [bytes.length - 10, 100, 10],
    [bytes.length, 100, 0],
    [bytes.length + 1, undefined, 0],
    [1_000_000, undefined, bytes.length - 1_000_000],
  ])('from %d on sends %s bytes: %d', async (offset, count, expected) => {
    const { socket, peer } = await accepted();
    const received = receiveAllSlowly(peer);
    expect(await socket.sendfile(file(), offset, count)).toBe(expected);
    socket.shutdown(SHUT_WR);
    expect((await received).equals(bytes.subarray(offset, offset + expected))).toBe(true);
  });

  it('ends early when the file shrinks meanwhile', async () => {
    const path = folder('file');
    writeFileSync(path, Buffer.alloc(32 * 1024 * 1024));
    const { socket, peer } = await accepted();
    const sending = socket.sendfile(path);
    await until(() => socket.bytesWritten > 0);
    truncateSync(path, 1000);
    const received = receiveAllSlowly(peer);
    const sent = await sending;
    socket.shutdown(SHUT_WR);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    expect((await received).length).toBe(sent);
  });

  it.each([
    [-1, undefined],
    [1.5, undefined],
    [0, -1],
    [0, 0.5],
    [0, NaN],
  ])('refuses an offset of %d and a count of %s', async (offset, count) => {
    const { socket } = await accepted();
    expect(await refusal(socket.sendfile('any', offset, count))).toMatchObject({ code: 'EINVAL' });
  });

  it('refuses a timeout of 0, as Python does', async () => {
    const { socket } = await accepted();
    socket.settimeout(0);
    const error = await refusal(socket.sendfile('any'));
    expect(error.message).toContain('timeout');
  });

  it('leaves no file open, whatever goes wrong', async () => {
    const path = file();
    const { socket, peer } = await accepted();
    await expect(socket.sendfile(folder('none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(socket.sendfile(folder())).rejects.toMatchObject({ code: 'EISDIR' });
    const sending = refusal(socket.sendfile(path));
    peer.resetAndDestroy();
    await sending;
    const ended = await accepted();
    ended.socket.shutdown(SHUT_WR);
    expect(await refusal(ended.socket.sendfile(path))).toBeInstanceOf(BrokenPipeError);
    expect(descriptors().filter((target) => target.startsWith(folder()))).toEqual([]);
  });
});
