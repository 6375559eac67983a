/** Servers and handlers that override every hook there is, each of which calls what it overrides. */
import { type Moment, moment } from '@socketserver/testing';

import { type Address, BaseRequestHandler, type Socket, type TCPServer } from '@socketserver/core';

export type Hook =
  | 'serverBind'
  | 'serverActivate'
  | 'serviceActions'
  | 'getRequest'
  | 'verifyRequest'
  | 'processRequest'
  | 'finishRequest'
  | 'setup'
  | 'handle'
  | 'finish'
  | 'handleError'
  | 'shutdownRequest'
  | 'closeRequest'
  | 'handleTimeout'
  | 'serverClose';

/** Which hooks were called, in their order; and one of them that waits, if it is asynchronous. */
export class Journal {
  readonly calls: Hook[] = [];
  readonly entered: Moment = moment();
  readonly release: Moment = moment();
  readonly #held: Hook | null;

  constructor(held: Hook | null = null) {
    this.#held = held;
  }

  note(hook: Hook): void {
    this.calls.push(hook);
  }

  async pass(hook: Hook): Promise<void> {
    this.note(hook);
    if (hook !== this.#held) return;
    this.entered.happen();
    await this.release;
  }
}

/** Hooks as Python's are. Those that open and close the server cannot be: they wait. */
export function withHooks(Base: typeof TCPServer, journal: Journal): typeof TCPServer {
  return class extends Base {
    override async serverBind() {
      journal.note('serverBind');
      await super.serverBind();
    }
    override async serverActivate() {
      journal.note('serverActivate');
      await super.serverActivate();
    }
    override serviceActions() {
      journal.note('serviceActions');
      return super.serviceActions();
    }
    override getRequest() {
      journal.note('getRequest');
      return super.getRequest();
    }
    override verifyRequest(request: Socket, clientAddress: Address) {
      journal.note('verifyRequest');
      return super.verifyRequest(request, clientAddress);
    }
    override processRequest(request: Socket, clientAddress: Address) {
      journal.note('processRequest');
      return super.processRequest(request, clientAddress);
    }
    override finishRequest(request: Socket, clientAddress: Address) {
      journal.note('finishRequest');
      return super.finishRequest(request, clientAddress);
    }
    override handleError() {
      journal.note('handleError');
    }
    override shutdownRequest(request: Socket) {
      journal.note('shutdownRequest');
      return super.shutdownRequest(request);
    }
    override closeRequest(request: Socket) {
      journal.note('closeRequest');
      return super.closeRequest(request);
    }
    override handleTimeout() {
      journal.note('handleTimeout');
      return 'timeout';
    }
    override async serverClose() {
      journal.note('serverClose');
      await super.serverClose();
    }
  };
}

/** The same, all of them asynchronous. */
export function withAsyncHooks(Base: typeof TCPServer, journal: Journal): typeof TCPServer {
  return class extends Base {
    override async serverBind() {
      await journal.pass('serverBind');
      await super.serverBind();
    }
    override async serverActivate() {
      await journal.pass('serverActivate');
      await super.serverActivate();
    }
    override async serviceActions() {
      await journal.pass('serviceActions');
      await super.serviceActions();
    }
    override async getRequest() {
      await journal.pass('getRequest');
      return super.getRequest();
    }
    override async verifyRequest(request: Socket, clientAddress: Address) {
      await journal.pass('verifyRequest');
      return super.verifyRequest(request, clientAddress);
    }
    override async processRequest(request: Socket, clientAddress: Address) {
      await journal.pass('processRequest');
      await super.processRequest(request, clientAddress);
    }
    override async finishRequest(request: Socket, clientAddress: Address) {
      await journal.pass('finishRequest');
      return super.finishRequest(request, clientAddress);
    }
    override async handleError() {
      await journal.pass('handleError');
    }
    override async shutdownRequest(request: Socket) {
      await journal.pass('shutdownRequest');
      await super.shutdownRequest(request);
    }
    override async closeRequest(request: Socket) {
      await journal.pass('closeRequest');
      await super.closeRequest(request);
    }
    override async handleTimeout() {
      await journal.pass('handleTimeout');
      return 'timeout';
    }
    override async serverClose() {
      await journal.pass('serverClose');
      await super.serverClose();
    }
  };
}

/** A class of handlers whose `handle()` fails, if it is told to. */
export function handlerWithHooks(journal: Journal, failure: Error | null): new () => BaseRequestHandler {
  return class extends BaseRequestHandler {
    override setup() {
      journal.note('setup');
    }
    override handle() {
      journal.note('handle');
      if (failure !== null) throw failure;
    }
    override finish() {
      journal.note('finish');
    }
  };
}

export function handlerWithAsyncHooks(journal: Journal, failure: Error | null): new () => BaseRequestHandler {
  return class extends BaseRequestHandler {
    override setup() {
      return journal.pass('setup');
    }
    override async handle() {
      await journal.pass('handle');
      if (failure !== null) throw failure;
    }
    override finish() {
      return journal.pass('finish');
    }
  };
}
