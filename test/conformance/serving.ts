import { both, conformance, core, handling, inWorkers, order, serving, stopping } from './core-tests';
import type { Section } from './requirement';

export const serveForever: Section = {
  title: '`serve_forever()` and `shutdown()`',
  requirements: [
    {
      id: 'serve.poll',
      python: '`poll_interval` is half a second unless given',
      shown: [
        conformance('serveForever() has a pollInterval of 500, and ignores the timeout'),
        inWorkers('serveForever() has a pollInterval of 500, and ignores the timeout'),
      ],
    },
    {
      id: 'serve.begin',
      python: 'it waits for its socket to be readable: whoever has connected before is served too',
      shown: [
        serving('serves clients that came before it was called'),
        inWorkers('serves clients that came before it was called'),
      ],
    },
    {
      id: 'serve.recheck',
      python: 'when a shutdown was requested during the wait, it ends without accepting',
      shown: [
        stopping(
          'leaves clients that come later in the backlog, for the next serveForever()',
          'neither serves nor keeps a connection that a slow getRequest() brings afterwards',
        ),
      ],
    },
    {
      id: 'serve.one',
      python: 'it handles one request each time it wakes',
      departure: 'the loop handles one request each time it wakes',
      shown: [
        core(
          'conformance',
          'as in Python a sequential server takes one request in a turn, and calls serviceActions() after each',
          'as in Python a concurrent server takes all who wait in one turn',
        ),
      ],
    },
    {
      id: 'serve.service-actions',
      python: 'then it always calls `service_actions()`, also when nobody came',
      shown: [serving('calls serviceActions() at least every pollInterval, and in every turn that serves')],
    },
    {
      id: 'serve.finally',
      python: 'however it ends, it releases whoever waits in `shutdown()`, and can be called again',
      shown: [
        order('stops serving at any other error of getRequest(), and releases whoever waits for shutdown()'),
        serving('ends with what serviceActions() throws'),
        conformance('serves again after an error has ended serveForever()'),
        inWorkers('serves again after an error has ended serveForever(), and after a normal end'),
      ],
    },
    {
      id: 'shutdown.waits',
      python: '`shutdown()` waits for the end of the loop, for however long that takes',
      here: 'it waits for running requests for `drainTimeout`, cuts what is left, and reports whom',
      departure: '`shutdown()` does not wait for handlers; `server_close()` waits for ever',
      shown: [
        stopping(
          'gives everyone who asks the same report',
          'cuts a handler that does not end after drainTimeout, reports it, and lets serveForever() resolve',
        ),
        inWorkers('waits as long as `drainTimeout` says, and no longer'),
      ],
    },
    {
      id: 'shutdown.before',
      python: 'called before `serve_forever`, it makes that return immediately',
      shown: [
        stopping('is remembered before serving: serveForever() then returns at once, and serves the next time'),
        inWorkers('remembers a shutdown() before serving, and leaves no stale flag'),
      ],
    },
    {
      id: 'shutdown.before.waits',
      python: 'called before `serve_forever`, it waits for that',
      departure: '`shutdown()` before `serve_forever()` waits for it',
      shown: [stopping('is remembered before serving: serveForever() then returns at once, and serves the next time')],
    },
    {
      id: 'shutdown.after',
      python:
        'called after the loop has ended, it returns at once, and makes the next `serve_forever` return immediately',
      departure: '`shutdown()` after the loop has ended stops the next `serve_forever()`',
      shown: [
        stopping('leaves no stale flag when serving has ended: the next serveForever() serves'),
        inWorkers('remembers a shutdown() before serving, and leaves no stale flag'),
      ],
    },
    {
      id: 'shutdown.deadlock',
      python: "called from the loop's own thread, it never returns",
      departure: '`shutdown()` from a handler of a sequential server deadlocks',
      shown: [stopping('does not wait for the handler that calls it')],
    },
    {
      id: 'shutdown.thread',
      python: 'called from a handler in a thread, it returns',
      shown: [
        stopping('does not wait for the handler that calls it'),
        both('workers', 'can be shut down by a handler, which is not waited for'),
      ],
    },
    {
      id: 'shutdown.handlers',
      python: 'it does not interrupt a handler that runs',
      here: 'not before `drainTimeout` is over',
      departure: 'a handler can run for ever',
      shown: [
        stopping(
          'gives everyone who asks the same report',
          'cuts a handler that does not end after drainTimeout, reports it, and lets serveForever() resolve',
        ),
        inWorkers('waits as long as `drainTimeout` says, and no longer'),
      ],
    },
    {
      id: 'shutdown.latency',
      python: 'it takes up to `poll_interval`',
      departure: '`shutdown()` returns after up to `poll_interval`',
      shown: [stopping('wakes the loop at once, however long its pollInterval is')],
    },
  ],
};

export const handleRequest: Section = {
  title: '`handle_request()`',
  requirements: [
    {
      id: 'handle.timeout',
      python: 'it waits for the smaller one of `socket.gettimeout()` and `timeout`, where `None` does not count',
      shown: [
        conformance('handleRequest() takes the smaller one of its two timeouts'),
        handling(
          'waits for a client as long as it takes without a timeout',
          "waits no longer than its socket's own timeout",
        ),
      ],
    },
    {
      id: 'handle.one',
      python: 'it handles one request and no more',
      shown: [
        handling('handles one request and no more'),
        inWorkers('handleRequest() handles one request and no more, and never calls serviceActions()'),
      ],
    },
    {
      id: 'handle.over',
      python: 'when the time is over it returns what `handle_timeout()` returns',
      shown: [
        handling('gives what handleTimeout() returns when nobody came within `timeout`'),
        inWorkers('handleRequest() gives what handleTimeout() returns when nobody came within `timeout`'),
      ],
    },
    {
      id: 'handle.poll',
      python: '`timeout = 0` only looks',
      shown: [handling('only looks whether a client is there when the timeout is 0')],
    },
    {
      id: 'handle.service-actions',
      python: 'it never calls `service_actions`',
      shown: [
        handling('never calls serviceActions()'),
        inWorkers('handleRequest() handles one request and no more, and never calls serviceActions()'),
      ],
    },
    {
      id: 'handle.concurrent',
      python: 'it may be called while another call waits',
      departure: '`handle_request()` may be called while another one waits',
      shown: [handling('refuses a second call at the same time, which would take the place of the first')],
    },
  ],
};
