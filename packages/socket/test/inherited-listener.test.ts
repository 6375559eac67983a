import { expectNoLeaks } from '@socketserver/testing';

import { AF_UNIX, type Address, Socket, SocketError, createConnection } from '../src';
import { duplicateDescriptor } from '../src/libc';
import { folder } from './folder';

expectNoLeaks();

const canDuplicate = duplicateDescriptor(0) !== null ? it : it.skip;

/** A listening socket, and another one on a descriptor of the same. */
async function listening(address: Address, family?: number): Promise<[Socket, Socket]> {
  const first = new Socket(family);
  await first.bind(address);
  const second = new Socket(family);
  await second.bind(first.getsockname(), { fd: duplicateDescriptor(first.fileno())! });
  await second.listen();
  return [first, second];
}

describe('bind() with the descriptor of a socket that listens already', () => {
  canDuplicate('accepts what comes there, also when the first socket is closed (by koffi)', async () => {
    const [first, second] = await listening(['127.0.0.1', 0]);
    first.close();
    await using _second = second;
    await using client = await createConnection(second.getsockname());
    const [accepted, address] = await second.accept();
    await using _accepted = accepted;
    expect(address).toEqual(client.getsockname());
    await client.sendall('hello');
    expect(String(await accepted.recv(100))).toBe('hello');
  });

  canDuplicate('leaves the file of a path where it is (by koffi)', async () => {
    const path = folder('socket');
    const [first, second] = await listening(path, AF_UNIX);
    await using _first = first;
    second.close();
    await first.listen();
    await using client = await createConnection(path);
    await using accepted = (await first.accept())[0];
    await client.sendall('hello');
    expect(String(await accepted.recv(100))).toBe('hello');
  });

  it('fails with a descriptor that is none', async () => {
    await using socket = new Socket();
    await expect(socket.bind(['127.0.0.1', 9], { fd: 4_000_000 })).rejects.toThrow(SocketError);
  });
});
