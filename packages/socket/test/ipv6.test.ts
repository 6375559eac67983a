import { AF_INET, AF_INET6, type InetAddress, Socket, createConnection, familyOf } from '@socketserver/socket';
import { addressOf, everyWay, hasIPv6, keep, listening, refusal, ways } from './loopback';

(hasIPv6 ? describe.each(ways) : describe.skip.each(ways))(`IPv6 (${everyWay})`, (way) => {
  it('connects both ends', async () => {
    const listener = await listening(way, '::1');
    const client = keep(await createConnection(addressOf(listener)));
    const [socket, peer] = await listener.accept();
    keep(socket);
    expect([listener.family, client.family, socket.family]).toEqual([AF_INET6, AF_INET6, AF_INET6]);
    expect(peer).toEqual(client.getsockname());
    expect(client.getpeername()).toEqual(['::1', addressOf(listener)[1]]);
  });

  it('with dualStack takes IPv4 clients, whose addresses are written as in Python', async () => {
    const listener = await listening({ ...way, dualStack: true }, '::');
    const [, port] = addressOf(listener);
    const four = keep(await createConnection(['127.0.0.1', port]));
    const [first, peer] = await listener.accept();
    keep(first);
    expect(peer).toEqual(['::ffff:127.0.0.1', (four.getsockname() as InetAddress)[1]]);
    expect(first.getpeername()).toEqual(peer);
    keep(await createConnection(['::1', port]));
    const [second, other] = await listener.accept();
    keep(second);
    expect(other[0]).toBe('::1');
  });

  it('without it takes none, and leaves the port of IPv4 to others', async () => {
    const listener = await listening(way, '::');
    const [, port] = addressOf(listener);
    expect(await refusal(createConnection(['127.0.0.1', port]))).toMatchObject({ name: 'ConnectionRefusedError' });
    await keep(new Socket()).bind(['0.0.0.0', port], way);
  });

  it('takes every address for an empty host, if the socket is of its family', async () => {
    const listener = keep(new Socket(AF_INET6));
    await listener.bind(['', 0], way);
    expect(addressOf(listener)[0]).toBe('::');
    expect(listener.family).toBe(AF_INET6);
  });
});

describe('a scoped address', () => {
  it('is one of IPv6, and a scope that is not there is an error', async () => {
    expect(familyOf(['fe80::1%lo', 80])).toBe(AF_INET6);
    expect(familyOf(['127.0.0.1', 80])).toBe(AF_INET);
    await refusal(createConnection(['fe80::1%no-such-interface', 9], { timeout: 1000 }));
    await refusal(keep(new Socket(AF_INET6)).bind(['fe80::1%no-such-interface', 0]));
  });
});
