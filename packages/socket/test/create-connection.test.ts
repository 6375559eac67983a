import {
  AF_CAN,
  AF_INET,
  AF_INET6,
  AF_RDS,
  AF_UNIX,
  ConnectionRefusedError,
  DatagramSocket,
  ManualClock,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  Socket,
  TimeoutError,
  createConnection,
  socket,
} from '@socketserver/socket';
import { folder } from './folder';
import { addressOf, keep, listening, refusal, errorLike } from './loopback';

describe('socket', () => {
  it('makes a stream socket of any family that Node can open', () => {
    expect(socket()).toMatchObject({ family: AF_INET, type: SOCK_STREAM });
    for (const family of [AF_INET, AF_INET6, AF_UNIX]) expect(socket(family, SOCK_STREAM).family).toBe(family);
    expect(socket()).toBeInstanceOf(Socket);
  });

  it('makes a datagram socket of any family that Node or a package can open', () => {
    for (const family of [AF_INET, AF_INET6, AF_UNIX]) {
      const made: DatagramSocket = socket(family, SOCK_DGRAM);
      expect(made).toBeInstanceOf(DatagramSocket);
      expect(made).toMatchObject({ family, type: SOCK_DGRAM });
    }
  });

  it.each([
    [AF_CAN, SOCK_STREAM, 'AF_CAN', 'EAFNOSUPPORT'],
    [AF_RDS, SOCK_STREAM, 'AF_RDS', 'EAFNOSUPPORT'],
    [99, SOCK_STREAM, 'family 99', 'EAFNOSUPPORT'],
    [AF_INET, SOCK_RAW, 'SOCK_RAW', 'ESOCKTNOSUPPORT'],
    [AF_INET, 99, 'type 99', 'ESOCKTNOSUPPORT'],
  ])('refuses family %d with type %d by its name', (family, type, name, code) => {
    const message = expect.stringContaining(name) as string;
    expect(() => socket(family, type)).toThrow(errorLike({ name: 'UnsupportedError', code, message }));
  });
});

describe('createConnection', () => {
  it('gives a connected socket', async () => {
    const listener = await listening();
    const connection = keep(await createConnection(addressOf(listener)));
    await connection.sendall('hello');
    expect(String(await keep((await listener.accept())[0]).recv(10))).toBe('hello');
  });

  it('gives one to a path', async () => {
    const listener = keep(socket(AF_UNIX));
    const path = folder('x.sock');
    await listener.bind(path);
    await listener.listen();
    const connection = keep(await createConnection(path));
    expect(connection).toMatchObject({ family: AF_UNIX });
    expect(connection.getpeername()).toBe(path);
    keep((await listener.accept())[0]);
  });

  it('is refused where nobody listens', async () => {
    const listener = await listening();
    listener.close();
    expect(await refusal(createConnection(addressOf(listener)))).toBeInstanceOf(ConnectionRefusedError);
  });

  it('is given up after its timeout, which is not one of the socket', async () => {
    const clock = new ManualClock();
    const listener = await listening();
    const connecting = refusal(createConnection(addressOf(listener), { timeout: 1000, clock }));
    clock.advance(1000);
    expect(await connecting).toBeInstanceOf(TimeoutError);
    const connection = keep(await createConnection(addressOf(listener), { timeout: 1000, clock }));
    expect(connection.gettimeout()).toBeNull();
  });
});
