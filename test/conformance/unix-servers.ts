import { datagramsInWorkers, handlersInWorkers, paths, unixDatagrams } from './core-tests';
import type { Section } from './requirement';

export const unixServers: Section = {
  title: '`UnixStreamServer` and `UnixDatagramServer`',
  requirements: [
    {
      id: 'unix.kind',
      python: '`UnixStreamServer` is a `TCPServer`, but for `address_family`',
      shown: [paths('the server is one for TCP, of another family')],
    },
    {
      id: 'unix.address',
      python: '`server_address` is the path, and `client_address` is `""`',
      shown: [
        paths('serverAddress is the path, and a client has no address'),
        handlersInWorkers('a path is the server’s address, its clients have none, and it stays when the server closes'),
      ],
    },
    {
      id: 'unix.unlink',
      python: '`server_close` leaves the path, which then cannot be bound again',
      shown: [
        paths('the path stays when the server closes, and cannot be bound again'),
        handlersInWorkers('a path is the server’s address, its clients have none, and it stays when the server closes'),
      ],
    },
    {
      id: 'unix.reuse-address',
      python: '`allow_reuse_address` has no effect on that',
      departure: '`allow_reuse_address` has no effect on a path',
      shown: [paths('allowReuseAddress takes the path of a server that is gone, and no other')],
    },
    {
      id: 'unix.reuse-port',
      python: '`allow_reuse_port` sets SO_REUSEPORT for `AF_INET` and `AF_INET6` only (since 3.14)',
      shown: [paths('allowReusePort means nothing')],
    },
    {
      id: 'unix-datagram.kind',
      python: '`UnixDatagramServer` is a `UDPServer`, but for `address_family`',
      shown: [unixDatagrams('the server is one for UDP, of another family')],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.address',
      python: '`server_address` is the path, and `client_address` is the path that the client is bound to',
      shown: [
        unixDatagrams('a datagram comes from the path of its sender, and is answered there'),
        datagramsInWorkers('a datagram comes from the path of its sender, and is answered there'),
      ],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.unlink',
      python: '`server_close` leaves the path, which then cannot be bound again',
      shown: [unixDatagrams('the path stays when the server closes, and cannot be bound again')],
      needs: 'unix-dgram',
    },
    {
      id: 'unix-datagram.unnamed',
      python: 'a client that is bound to nothing has the address `None`, and answering it is an error',
      departure: 'a Unix datagram from a socket without a name has the address `None`',
      shown: [unixDatagrams('a client without a path has no address, and cannot be answered')],
      needs: 'unix-dgram',
    },
  ],
};
