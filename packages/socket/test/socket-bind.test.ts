import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AF_UNIX,
  AddressInUseError,
  AddressNotAvailableError,
  GetAddressInfoError,
  PermissionError,
  Socket,
} from '@socketserver/socket';
import { addressOf, descriptors, keep, listening, refusal, until } from './loopback';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

describe('bind', () => {
  it('takes a free port for port 0, and says which', async () => {
    const listener = await listening();
    const [host, port] = addressOf(listener);
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    expect(listener.fileno()).toBeGreaterThan(2);
  });

  it('takes a host by its name, and every address for an empty one', async () => {
    const byName = keep(new Socket());
    await byName.bind(['localhost', 0]);
    expect(['127.0.0.1', '::1']).toContain(addressOf(byName)[0]);
    const any = keep(new Socket());
    await any.bind(['', 0]);
    expect(addressOf(any)[0]).toBe('0.0.0.0');
  });

  it('says that a port is in use, and can try again', async () => {
    const first = await listening();
    const second = keep(new Socket());
    const error = await refusal(second.bind(addressOf(first)));
    expect(error).toBeInstanceOf(AddressInUseError);
    expect(error).toMatchObject({ code: 'EADDRINUSE', operation: 'bind', address: addressOf(first) });
    expect(error.message).toContain(`127.0.0.1:${addressOf(first)[1]}`);
    first.close();
    await second.bind(error.address!);
    expect(second.getsockname()).toEqual(error.address);
  });

  it.each([-1, 65_536, 1.5, NaN])('says that %d is no port', async (port) => {
    const socket = keep(new Socket());
    const error = await refusal(socket.bind(['127.0.0.1', port]));
    expect(error).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT', operation: 'bind' });
    expect(error.message).toContain('65536');
    expect(error.message).toContain(String(port));
    await socket.bind(['127.0.0.1', 0]);
  });

  it('leaks nothing in 1024 failures', async () => {
    const taken = addressOf(await listening());
    const socket = keep(new Socket());
    await refusal(socket.bind(taken));
    const before = descriptors().length;
    for (let i = 0; i < 512; i++) {
      await refusal(socket.bind(taken));
      await refusal(socket.bind(['127.0.0.1', -1]));
    }
    await until(() => descriptors().length <= before);
  });

  it('says that an address is not one of this machine', async () => {
    const error = await refusal(keep(new Socket()).bind(['192.0.2.1', 0]));
    expect(error).toBeInstanceOf(AddressNotAvailableError);
  });

  it('says that a name is not known', async () => {
    const error = await refusal(keep(new Socket()).bind(['no-such-host.invalid', 0]));
    expect(error).toBeInstanceOf(GetAddressInfoError);
  }, 60_000);

  it('says that permission is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socket-'));
    chmodSync(folder, 0o500);
    if (isRoot) process.seteuid!(NOBODY); // To root no folder is closed.
    const error = await refusal(keep(new Socket(AF_UNIX)).bind(join(folder, 'x.sock'))).finally(() => {
      if (isRoot) process.seteuid!(0);
      rmSync(folder, { recursive: true });
    });
    expect(error).toBeInstanceOf(PermissionError);
    expect(error).toMatchObject({ code: 'EACCES', address: join(folder, 'x.sock') });
  });

  it('is done once', async () => {
    const listener = await listening();
    expect(await refusal(listener.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL' });
    const socket = keep(new Socket());
    const both = await Promise.allSettled([socket.bind(['127.0.0.1', 0]), socket.bind(['127.0.0.1', 0])]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { name: 'SocketStateError', code: 'EALREADY' } });
  });

  it('opens nothing when the socket is closed meanwhile', async () => {
    const before = descriptors().length;
    const socket = new Socket();
    const binding = refusal(socket.bind(['127.0.0.1', 0]));
    socket.close();
    expect(await binding).toMatchObject({ code: 'EBADF' });
    await until(() => descriptors().length <= before);
  });

  it('refuses to share a port on a Node that cannot', async () => {
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    const first = keep(new Socket());
    const binding = first.bind(['127.0.0.1', 0], { reusePort: true });
    if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) {
      await binding;
      await keep(new Socket()).bind(addressOf(first), { reusePort: true });
    } else {
      expect(await refusal(binding)).toMatchObject({ name: 'UnsupportedError', code: 'ERR_REUSE_PORT' });
    }
  });
});
