import {
  BlockingIOError,
  ConnectionRefusedError,
  GetAddressInfoError,
  type InetAddress,
  ManualClock,
  AF_INET,
  Socket,
  TimeoutError,
  createConnection,
} from '@socketserver/socket';
import { addressOf, descriptors, keep, listening, refusal, until } from './loopback';

async function unusedAddress(): Promise<InetAddress> {
  const listener = await listening();
  const address = addressOf(listener);
  listener.close();
  return address;
}

describe('connect', () => {
  it('connects, by address and by name', async () => {
    const listener = await listening();
    const [, port] = addressOf(listener);
    for (const host of ['127.0.0.1', 'localhost', '']) {
      const client = keep(new Socket());
      await client.connect([host, port]);
      expect(client.getpeername()).toEqual(['127.0.0.1', port]);
      expect(client.family).toBe(AF_INET);
      expect(client.fileno()).toBeGreaterThan(2);
      expect(client.writable).toBe(true);
    }
  });

  it('says that nobody listens, and can try again', async () => {
    const address = await unusedAddress();
    const client = keep(new Socket());
    const error = await refusal(client.connect(address));
    expect(error).toBeInstanceOf(ConnectionRefusedError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', operation: 'connect', address });
    expect(client.isClosed).toBe(false);
    await client.connect(addressOf(await listening()));
    await client.sendall('hello');
  });

  it('says that nobody listens at any of the addresses of a name', async () => {
    const [, port] = await unusedAddress();
    expect(await refusal(keep(new Socket()).connect(['localhost', port]))).toBeInstanceOf(ConnectionRefusedError);
  });

  it.each([-1, 65_536, 1.5, NaN])('says that %d is no port', async (port) => {
    const error = await refusal(keep(new Socket()).connect(['127.0.0.1', port]));
    expect(error).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT', operation: 'connect' });
    expect(error.message).toContain(String(port));
  });

  it('says that a name is not known', async () => {
    const error = await refusal(keep(new Socket()).connect(['no-such-host.invalid', 80]));
    expect(error).toBeInstanceOf(GetAddressInfoError);
  }, 60_000);

  it('is given up after settimeout() milliseconds, and can be tried again', async () => {
    const address = addressOf(await listening());
    const clock = new ManualClock();
    const client = keep(new Socket(AF_INET, { clock }));
    client.settimeout(1000);
    const connecting = refusal(client.connect(address));
    clock.advance(1000);
    const error = await connecting;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain('after 1000 ms');
    await client.connect(address);
    expect(clock.pending).toBe(0);
  });

  it('goes by its own timeout before that of the socket', async () => {
    const address = addressOf(await listening());
    const clock = new ManualClock();
    const client = keep(new Socket(AF_INET, { clock }));
    client.settimeout(1000);
    const connecting = refusal(client.connect(address, { timeout: 10 }));
    clock.advance(10);
    expect((await connecting).message).toContain('after 10 ms');
    const again = client.connect(address, { timeout: null });
    clock.advance(1000);
    await again;
    const third = keep(new Socket(AF_INET, { clock }));
    third.settimeout(1000);
    const inherited = refusal(third.connect(address, { timeout: undefined }));
    clock.advance(1000);
    expect(await inherited).toBeInstanceOf(TimeoutError);
  });

  it('never waits with a timeout of 0', async () => {
    const client = keep(new Socket());
    client.settimeout(0);
    expect(await refusal(client.connect(addressOf(await listening())))).toBeInstanceOf(BlockingIOError);
    expect(client.isClosed).toBe(false);
  });

  it('is given up by its signal, before and while it waits', async () => {
    const address = addressOf(await listening());
    const client = keep(new Socket());
    const controller = new AbortController();
    const connecting = refusal(client.connect(address, { signal: controller.signal }));
    const reason = new TypeError('enough');
    controller.abort(reason);
    expect(await connecting).toMatchObject({ code: 'ABORT_ERR', operation: 'connect', cause: reason });
    expect(await refusal(client.connect(address, { signal: controller.signal }))).toMatchObject({ code: 'ABORT_ERR' });
    await client.connect(address);
  });

  it('leaves a connection alone when its signal comes later', async () => {
    const listener = await listening();
    const controller = new AbortController();
    const client = keep(await createConnection(addressOf(listener), { signal: controller.signal }));
    controller.abort();
    await client.sendall('hello');
    const [server] = await listener.accept();
    expect(String(await keep(server).recv(10))).toBe('hello');
  });

  it('is rejected at once when the socket is closed, with the reason if there is one', async () => {
    const address = addressOf(await listening());
    const before = descriptors().length;
    const client = new Socket();
    const connecting = refusal(client.connect(address));
    client.close();
    expect(await connecting).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });

    const other = new Socket();
    const reason = new TypeError('enough');
    const aborted = other.connect(address);
    other.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await until(() => descriptors().length <= before);
  });

  it('is done once at a time', async () => {
    const listener = await listening();
    const client = keep(new Socket());
    const both = await Promise.allSettled([client.connect(addressOf(listener)), client.connect(addressOf(listener))]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'EALREADY' } });
    expect(await refusal(client.connect(addressOf(listener)))).toMatchObject({ code: 'EISCONN' });
  });
});
