import type { Shown } from './requirement';

type Named = (...names: string[]) => Shown;

/** Tests of `packages/core/test/<file>.test.ts`, by their full names. */
export function core(file: string, ...names: string[]): Shown {
  return [`packages/core/test/${file}.test.ts`, ...names];
}

/** The same for those in one of its `describe()`, without the name of that. */
function within(file: string, block: string): Named {
  return (...names) => core(file, ...names.map((name) => `${block} ${name}`));
}

/** Ports of CPython's own tests. */
export const cpython: Named = (...names) => core('cpython', ...names);
export const cpythonServers = within('cpython-servers', 'the servers');

export const conformance = within('conformance', 'as in Python: {strategy}');
export const datagrams = within('conformance-datagrams', 'datagrams as in Python: {strategy}');
export const paths = within('conformance-paths', 'paths as in Python: {strategy}');
export const unixDatagrams = within('conformance-paths', 'Unix datagrams as in Python: {strategy}');

export const handler = within('base-request-handler', 'BaseRequestHandler: {strategy}');
export const handling = within('handle-request', 'handleRequest(): {strategy}');
export const listening = within('listen', 'listen(): {strategy}');
export const order = within('order-of-calls', 'the order of calls: {strategy}');
export const serving = within('serve-forever', 'serveForever(): {strategy}');
export const stopping = within('shutdown', 'shutdown(): {strategy}');

/** What is the same for all strategies, wherever handlers run. */
export const everywhere = within('conformance-order', 'the order of calls, wherever handlers run: {every}');
/** What servers with threads and forks promise as well. */
export const inWorkers = within('conformance-workers', 'as in Python, in workers: {worker}');
export const handlersInWorkers = within('conformance-workers-handlers', 'handlers as in Python, in workers: {worker}');
export const datagramsInWorkers = within(
  'conformance-workers-datagrams',
  'datagrams as in Python, in workers: {worker}',
);
export const threads = within('python-threads', 'ThreadingMixIn as in Python');
export const forks = within('python-forks', 'ForkingMixIn as in Python');

/** Tests of both mix-ins, which have the same names. */
export function both(file: string, ...names: string[]): Shown {
  return core(file, ...names.flatMap((name) => [`ThreadingMixIn ${name}`, `ForkingMixIn ${name}`]));
}
