import { conformance, core, everywhere, inWorkers, order, stopping } from './core-tests';
import type { Section } from './requirement';

export const baseServer: Section = {
  title: '`BaseServer`',
  requirements: [
    {
      id: 'base.init',
      python: 'the constructor stores its two arguments, and no more',
      shown: [
        conformance('a server stores its arguments, and opens nothing'),
        inWorkers('a server stores its arguments, and opens nothing'),
      ],
    },
    {
      id: 'base.timeout',
      python: '`timeout = None`, used by `handle_request` only and ignored by `serve_forever`',
      shown: [
        conformance(
          'hooks do nothing by themselves, every request is welcome, and there is no timeout',
          'serveForever() has a pollInterval of 500, and ignores the timeout',
        ),
        inWorkers('serveForever() has a pollInterval of 500, and ignores the timeout'),
      ],
    },
    {
      id: 'base.no-ops',
      python: '`service_actions` and `handle_timeout` do nothing',
      shown: [
        conformance('hooks do nothing by themselves, every request is welcome, and there is no timeout'),
        inWorkers('hooks do nothing by themselves, and every request is welcome'),
      ],
    },
    {
      id: 'base.hooks-with-work',
      python: '`server_activate`, `server_close` and `close_request` do nothing',
      departure: '`server_activate`, `server_close` and `close_request` of `BaseServer` do nothing',
      shown: [
        core('listen', 'listen(): {strategy} calls the serverBind() and the serverActivate() of a derived class'),
      ],
    },
    {
      id: 'base.verify',
      python: '`verify_request` returns `True`',
      shown: [
        conformance('hooks do nothing by themselves, every request is welcome, and there is no timeout'),
        inWorkers('hooks do nothing by themselves, and every request is welcome'),
      ],
    },
    {
      id: 'base.process',
      python: '`process_request` calls `finish_request`, then `shutdown_request`, but not if the former raises',
      shown: [
        core(
          'conformance',
          'as in Python processRequest() is finishRequest(), then shutdownRequest(), but not if that throws',
        ),
      ],
    },
    {
      id: 'base.finish',
      python:
        '`finish_request` is `RequestHandlerClass(request, client_address, self)`: making the handler handles the request',
      departure: 'constructing the handler handles the request',
      shown: [
        order('serves a request'),
        core(
          'handler-factory',
          'a handler can be made by an override of finishRequest(), as python -m http.server does',
        ),
        everywhere('serves a request'),
      ],
    },
    {
      id: 'base.finish.callable',
      python: 'any callable serves as `RequestHandlerClass`',
      departure: 'anything that can be called serves as `RequestHandlerClass`',
      shown: [
        core(
          'handler-factory',
          'a handler is refused when the server starts: a function',
          'a handler can be given as a token that the container knows',
        ),
      ],
    },
    {
      id: 'base.finish.result',
      python: 'what `finish_request` returns is thrown away',
      shown: [
        conformance('what finishRequest() gives is thrown away'),
        inWorkers('what finishRequest() gives is thrown away; one that does not call `super` runs here'),
      ],
    },
    {
      id: 'base.shutdown-request',
      python: '`shutdown_request` calls `close_request`',
      shown: [order('serves a request'), everywhere('serves a request')],
    },
    {
      id: 'base.handle-error.banner',
      python:
        '`handle_error` prints on standard error: 40 dashes, `Exception occurred during processing of request from`, the address, the traceback, 40 dashes',
      shown: [
        core(
          'error-banner',
          'errorBanner() is what Python prints: rules, whose request it was, and the error with its stack',
          'handleError() prints the banner on standard error',
        ),
      ],
    },
    {
      id: 'base.handle-error.always',
      python: '`handle_error` prints every error',
      departure: '`handle_error` prints every error',
      shown: [
        core('error-banner', 'handleError() says nothing about a peer that just went away'),
        stopping('does not take what a cut handler stumbles over for an error'),
      ],
    },
    {
      id: 'base.handle-error.arguments',
      python: '`handle_error(request, client_address)` asks for the current exception',
      departure: '`handle_error(request, client_address)`',
      shown: [
        order('finishes, then tells handleError(), then ends the request when handle() throws'),
        everywhere('tells handleError() after the handler and before the end of the request when handle() throws'),
      ],
    },
    {
      id: 'base.enter',
      python: '`__enter__` returns the server; `__exit__` lets an error of the block pass',
      shown: [
        conformance('`await using` gives the server, and lets an error of its block pass'),
        inWorkers('`await using` gives the server, and lets an error of its block pass'),
      ],
    },
    {
      id: 'base.exit',
      python: '`__exit__` only calls `server_close()`, not `shutdown()`',
      departure: '`with` only closes the server',
      shown: [core('shutdown', 'serverClose(): {strategy} is what `await using` calls, also in the middle of serving')],
    },
  ],
};

export const oneRequest: Section = {
  title: 'One request, and its errors',
  requirements: [
    {
      id: 'request.accept',
      python: 'a socket error of `get_request` ends nothing, and nobody hears of it',
      here: 'it is a `server:error` event, unless the peer has just gone',
      departure: 'socket errors of `get_request` are not heard of',
      shown: [
        order('goes on after a socket error of getRequest(), and reports it'),
        inWorkers('goes on after a socket error of getRequest(), and ends with any other, which releases shutdown()'),
      ],
    },
    {
      id: 'request.accept.other',
      python: 'any other error of `get_request` goes on to the caller',
      shown: [
        order('stops serving at any other error of getRequest(), and releases whoever waits for shutdown()'),
        inWorkers('goes on after a socket error of getRequest(), and ends with any other, which releases shutdown()'),
      ],
    },
    {
      id: 'request.verify.raises',
      python: 'an error in `verify_request` escapes without `handle_error`, and the request leaks',
      departure: 'an error in `verify_request` escapes and leaks the request',
      shown: [
        order('ends a request whose verifyRequest() throws, and leaks nothing'),
        everywhere('ends a request whose verifyRequest() throws, and leaks nothing'),
      ],
    },
    {
      id: 'request.verify.false',
      python: 'a request that `verify_request` refuses goes to `shutdown_request`',
      shown: [
        order('ends a request that verifyRequest() refuses, exactly once'),
        everywhere('ends a request that verifyRequest() refuses, exactly once'),
      ],
    },
    {
      id: 'request.order',
      python:
        'get_request → verify_request → process_request → finish_request → setup → handle → finish → shutdown_request → close_request',
      shown: [
        order('serves a request'),
        everywhere('serves a request'),
        core(
          'conformance-order',
          'the order of calls of live CPython is ours: sequential',
          'the order of calls of live CPython is ours: threading',
        ),
      ],
    },
    {
      id: 'request.order.error',
      python: 'after an `Exception` in `handle`: … finish → handle_error → shutdown_request → close_request',
      shown: [
        order('finishes, then tells handleError(), then ends the request when handle() throws'),
        everywhere('tells handleError() after the handler and before the end of the request when handle() throws'),
      ],
    },
    {
      id: 'request.fatal',
      python: 'any other `BaseException` goes to `shutdown_request` without `handle_error`, and on to the caller',
      departure: 'SystemExit and KeyboardInterrupt pass `handle_error` by',
      shown: [
        order('passes handleError() by with a FatalError, and ends the request exactly once'),
        core('handle-request', 'handleRequest() ends with a FatalError of the handler'),
        everywhere('passes handleError() by with a FatalError, and ends the request exactly once'),
      ],
    },
    {
      id: 'request.handle-error.raises',
      python: 'an error in `handle_error` escapes, and `shutdown_request` is never called',
      departure: 'an error in `handle_error` escapes and leaks the request',
      shown: [order('ends the request even when handleError() throws, and reports that')],
    },
    {
      id: 'request.order.fork',
      python: 'the parent of a fork: … process_request → close_request',
      departure: 'the parent of a fork closes its connection at once, and the fork ends it',
      shown: [
        core(
          'conformance-order',
          'the order of calls of live CPython is ours: forking, but that the parent closes its connection when the child has ended it, and not before',
        ),
      ],
    },
  ],
};
