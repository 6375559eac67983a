import { serverClass, strategies } from '@socketserver/core';

import { SocketFolder, contract } from '../src';

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

for (const strategy of strategies) {
  const Server = serverClass(strategy, 'unix');
  contract(`${strategy} over Unix sockets`, {
    transport: 'unix',
    listen: (handler, options) => Server.listen(folder.path(), handler, options),
  });
}
