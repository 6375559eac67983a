import { moment } from '@socketserver/testing';

import { BaseRequestHandler, StreamRequestHandler } from '../src';

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
