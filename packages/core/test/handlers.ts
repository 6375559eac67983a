import { RunningServer, moment } from '@socketserver/testing';

import { AsyncTCPServer, BaseRequestHandler, StreamRequestHandler } from '../src';

/** Sends back what comes, line by line. */
export class Echo extends StreamRequestHandler {
  override async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

/** A handler that is in the middle of its work until the test lets it go on; then it says so to its peer. */
export function holding() {
  const entered = moment<BaseRequestHandler>();
  const release = moment();
  class Holding extends BaseRequestHandler {
    override async handle() {
      entered.happen(this);
      await release;
      await this.request.sendall('released');
    }
  }
  return { Holding, entered, release };
}

/**
 * Serves one client with `work`, which is what the handler does.
 *
 * @param settings values for the fields of the handler
 */
export async function serveOne<T>(
  work: (handler: StreamRequestHandler) => Promise<T>,
  settings: Partial<StreamRequestHandler> = {},
) {
  const result = moment<T | Promise<T>>();
  class Working extends StreamRequestHandler {
    constructor() {
      super();
      Object.assign(this, settings);
    }
    override async handle() {
      const working = work(this);
      result.happen(working);
      await working;
    }
  }
  // Errors are what the test looks at: there is no need to print them.
  class QuietServer extends AsyncTCPServer {
    override handleError() {}
  }
  const running = new RunningServer(await QuietServer.listen(['127.0.0.1', 0], Working));
  const outcome = result.then();
  // The test looks at it when it comes to that, perhaps after it was rejected.
  outcome.catch(() => undefined);
  const peer = await running.connect();
  return {
    peer,
    server: running.server,
    /** What `work` came to. */
    result: outcome,
    async [Symbol.asyncDispose]() {
      peer[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}
