import { core, datagrams, datagramsInWorkers, everywhere, handler, handlersInWorkers, order } from './core-tests';
import type { Section } from './requirement';

const stream = (...names: string[]) => core('stream-request-handler', ...names);

const DEFAULTS = core('conformance', 'as in Python the settings of a StreamRequestHandler are Python’s');

export const handlers: Section = {
  title: 'Handlers',
  requirements: [
    {
      id: 'handler.fields',
      python: '`request`, `client_address` and `server` are set before `setup()`',
      shown: [
        handler('has its request, the address that it comes from, and its server, from setup() on'),
        handlersInWorkers(
          'a handler has its request, its client and its server from setup() on, and Python’s settings',
        ),
      ],
    },
    {
      id: 'handler.run',
      python: '`setup()`, then `handle()`, and `finish()` in any case',
      shown: [
        order('serves a request', 'tells handleError() when finish() throws'),
        handler('calls finish() also when handle() throws at once'),
        everywhere('serves a request'),
        everywhere('tells handleError() after the handler and before the end of the request when finish() throws'),
      ],
    },
    {
      id: 'handler.setup-raises',
      python: 'when `setup()` raises, neither of the others is called',
      shown: [
        order('calls neither handle() nor finish() when setup() throws'),
        everywhere('tells handleError() after the handler and before the end of the request when setup() throws'),
      ],
    },
    {
      id: 'handler.nothing',
      python: 'the three do nothing unless overridden',
      shown: [core('base-request-handler', 'BaseRequestHandler does nothing by itself')],
    },
    {
      id: 'stream.rbufsize',
      python: '`rbufsize = -1`; 0 reads no further than asked',
      shown: [
        DEFAULTS,
        core(
          'stream-reader',
          'rbufsize of 0 reads no further than asked, so that the rest can be received from the connection',
          'rbufsize of n asks the socket for n bytes at a time',
        ),
        handlersInWorkers(
          'a handler has its request, its client and its server from setup() on, and Python’s settings',
        ),
      ],
    },
    {
      id: 'stream.wbufsize',
      python: '`wbufsize = 0`: every `write` is sent at once; otherwise it is collected',
      shown: [
        DEFAULTS,
        stream(
          'wfile writes at once, without flush, and gives the number of bytes',
          'wfile collects with a wbufsize, until that many bytes are there or flush() is called',
        ),
        handlersInWorkers('what a handler has collected is sent when it finishes, also after an error'),
      ],
    },
    {
      id: 'stream.timeout',
      python: '`timeout = None`, otherwise the time for each operation on the socket, which stays usable',
      shown: [
        DEFAULTS,
        stream('the settings of a StreamRequestHandler has a timeout for each receive; the connection survives it'),
        handlersInWorkers('the timeout of a handler is for each operation, and the connection survives it'),
      ],
    },
    {
      id: 'stream.nagle',
      python: '`disable_nagle_algorithm = False`, TCP_NODELAY if true',
      shown: [
        DEFAULTS,
        stream('the settings of a StreamRequestHandler turns off the delay of small writes if told so'),
      ],
    },
    {
      id: 'stream.connection',
      python: '`connection` is `request`',
      shown: [
        core('cpython', 'wfile test_basics: it is a writer on the connection of the request'),
        handlersInWorkers(
          'a handler has its request, its client and its server from setup() on, and Python’s settings',
        ),
      ],
    },
    {
      id: 'stream.files',
      python: '`rfile` and `wfile` are files',
      departure: '`rfile` and `wfile` are files',
      shown: [
        core(
          'stream-reader',
          'rfile.readline() gives lines with their ends, the last one also without, and then nothing',
          'rfile.read() gives exactly `size` bytes, or fewer at the end',
          'an iteration over rfile gives every line, the last one also without its end',
        ),
      ],
    },
    {
      id: 'stream.readline',
      python: '`rfile.readline()` has no limit, `readline(limit)` has',
      departure: '`rfile.readline()` has no limit',
      shown: [
        core(
          'stream-reader',
          'rfile.readline() gives at most `size` bytes, also when that is not a whole line',
          'rfile.readline() throws when a line is longer than maxLineLength, before its end has come',
        ),
      ],
    },
    {
      id: 'stream.read',
      python: '`rfile.read()` has no limit',
      departure: '`rfile.read()` has no limit',
      shown: [
        core(
          'stream-reader',
          'rfile.read() throws when everything is more than maxReadLength, without waiting for the end',
        ),
      ],
    },
    {
      id: 'stream.finish',
      python: '`finish()` flushes `wfile`, and does not mind when the peer has gone',
      shown: [
        stream(
          'wfile sends what it has collected when the handler finishes, also after an error',
          'wfile does not mind when the peer has gone before the rest is sent',
        ),
        handlersInWorkers('what a handler has collected is sent when it finishes, also after an error'),
      ],
    },
    {
      id: 'stream.finish.closes',
      python: '`finish()` closes `rfile` and `wfile`, but not the connection',
      departure: '`finish()` closes `rfile` and `wfile`',
      shown: [
        core(
          'handler-factory',
          'the scope of a connection ends before shutdownRequest(), so that the connection is still open in finish() and dispose()',
        ),
      ],
    },
    {
      id: 'stream.write',
      python: '`wfile.write` is `sendall`, and returns the number of bytes',
      shown: [
        stream(
          'wfile writes all of a huge block, to a peer that is slow to read',
          'wfile writes at once, without flush, and gives the number of bytes',
        ),
      ],
    },
    {
      id: 'datagram.request',
      python: 'a `DatagramRequestHandler` has the request as `packet` and `socket`',
      shown: [
        datagrams('a DatagramRequestHandler has packet, socket, rfile and wfile'),
        datagramsInWorkers('a DatagramRequestHandler has packet, socket, rfile and wfile'),
      ],
    },
    {
      id: 'datagram.files',
      python: '`rfile` reads the packet, `wfile` collects the answer: both in memory',
      shown: [
        datagrams('a DatagramRequestHandler has packet, socket, rfile and wfile', 'what is written is one datagram'),
        datagramsInWorkers('a DatagramRequestHandler has packet, socket, rfile and wfile'),
      ],
    },
    {
      id: 'datagram.finish',
      python: '`finish()` sends what was written as one datagram, also after an error in `handle()`',
      shown: [
        datagrams('what is written is one datagram', 'what was written before an error is sent'),
        datagramsInWorkers('what is written is one datagram, and what was written before an error is sent'),
      ],
    },
    {
      id: 'datagram.empty',
      python: '`finish()` always sends a datagram, an empty one if nothing was written',
      departure: '`DatagramRequestHandler` always answers',
      shown: [
        datagrams('nothing is sent when nothing was written, and an empty datagram when that was'),
        datagramsInWorkers('nothing is sent when nothing was written, and an empty datagram when that was'),
      ],
    },
  ],
};
