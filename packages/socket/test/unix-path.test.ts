import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { closeKeepingFile, hasFile, lookAt } from '../src/unix-path';
import { folder } from './folder';

async function serverAt(path: string): Promise<net.Server> {
  const server = net.createServer().listen(path);
  await once(server, 'listening');
  return server;
}

describe('closeKeepingFile', () => {
  it('keeps the file that Node alone would remove', async () => {
    const kept = await serverAt(folder('kept.sock'));
    const removed = await serverAt(folder('removed.sock'));
    removed.close();
    closeKeepingFile(folder('kept.sock'), () => kept.close());
    await Promise.all([once(kept, 'close'), once(removed, 'close')]);
    expect(readdirSync(folder())).toEqual(['kept.sock']);
  });

  it('closes also when the file or its folder has gone, or something else is there', async () => {
    mkdirSync(folder('sub'));
    const servers = [
      await serverAt(folder('sub/x.sock')),
      await serverAt(folder('y.sock')),
      await serverAt(folder('z')),
    ];
    rmSync(folder('sub'), { recursive: true });
    rmSync(folder('y.sock'));
    rmSync(folder('z'));
    writeFileSync(folder('z'), 'of somebody else');
    const closed = servers.map((server) => once(server, 'close'));
    for (const [i, path] of ['sub/x.sock', 'y.sock', 'z'].entries()) {
      closeKeepingFile(folder(path), () => servers[i]!.close());
    }
    await Promise.all(closed);
    expect(readdirSync(folder())).toEqual(['z']);
  });
});

describe('lookAt', () => {
  it('knows a listener, what it leaves, a file, a folder and nothing', async () => {
    const server = await serverAt(folder('x.sock'));
    expect(await lookAt(folder('x.sock'))).toBe('stream');
    closeKeepingFile(folder('x.sock'), () => server.close());
    await once(server, 'close');
    expect(await lookAt(folder('x.sock'))).toBe('stale');
    writeFileSync(folder('file'), '');
    expect(await lookAt(folder('file'))).toBe('file');
    expect(await lookAt(folder())).toBe('file');
    expect(await lookAt(folder('none'))).toBe('nothing');
  });
});

describe('hasFile', () => {
  it('is false for no name and abstract names', () => {
    expect(['', '\0abstract', 'relative.sock'].map(hasFile)).toEqual([false, false, true]);
  });
});
