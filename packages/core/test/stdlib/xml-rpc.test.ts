import { RecordedEvents, RunningServer, expectNoLeaks } from '@socketserver/testing';

import { serverClass, strategies } from '@socketserver/core';
import { runPython } from './run-program';
import { type Value, XMLRPCDispatcherMixIn, XMLRPCHandler } from './xml-rpc';

expectNoLeaks();

function total(values: Value): number {
  return Array.isArray(values) ? values.reduce((sum: number, each) => sum + total(each), 0) : Number(values);
}

describe.each(strategies)('an XML-RPC server (%s)', (strategy) => {
  class SimpleXMLRPCServer extends XMLRPCDispatcherMixIn(serverClass(strategy, 'tcp')) {}

  it("is called by Python's xmlrpc.client", async () => {
    await using running = new RunningServer(await SimpleXMLRPCServer.listen(['127.0.0.1', 0], XMLRPCHandler));
    using events = new RecordedEvents(running.server);
    const { server } = running;
    server.registerFunction('add', (a: number, b: number) => a + b);
    server.registerFunction('total', total);
    server.registerFunction('negate', (value: boolean) => !value);
    server.registerFunction('greet', (name: string) => `hello ${name}`);
    server.registerFunction('slow', (text: string) => new Promise((resolve) => setImmediate(resolve, text)));
    server.registerFunction('divide', (a: number, b: number) => {
      if (b === 0) throw new RangeError('division by zero');
      return a / b;
    });
    expect(await runPython('xml_rpc_client.py', [server.serverAddress[1]])).toEqual({
      methods: ['add', 'divide', 'greet', 'negate', 'slow', 'total'],
      add: 42.5,
      total: 10,
      not: false,
      greet: 'hello <Café> & Co',
      slow: 'later',
      unknown: [1, 'TypeError: method "unknown" is not supported'],
      divide: [1, 'RangeError: division by zero'],
      lost: 404,
      many: Array.from({ length: 20 }, (_, index) => index + 1),
    });
    expect(events.requestErrors).toEqual([]);
  });
});
