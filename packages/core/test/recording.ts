import { AsyncTCPServer, BaseRequestHandler, SelectingTCPServer, TCPServer, type strategies } from '../src';

type Mixable = new (...args: any[]) => TCPServer;

/** A server that writes down which of its hooks are called. */
export interface Recording {
  readonly calls: string[];
}

/** Adds a record of calls to a server class; errors that reach `handleError()` are kept in `errors`. */
function recording<B extends Mixable>(Base: B) {
  return class RecordingServer extends Base implements Recording {
    readonly calls: string[] = [];
    readonly errors: unknown[] = [];

    override getRequest() {
      this.calls.push('getRequest');
      return super.getRequest();
    }
    override verifyRequest(...args: Parameters<TCPServer['verifyRequest']>) {
      this.calls.push('verifyRequest');
      return super.verifyRequest(...args);
    }
    override processRequest(...args: Parameters<TCPServer['processRequest']>) {
      this.calls.push('processRequest');
      return super.processRequest(...args);
    }
    override finishRequest(...args: Parameters<TCPServer['finishRequest']>) {
      this.calls.push('finishRequest');
      return super.finishRequest(...args);
    }
    override shutdownRequest(...args: Parameters<TCPServer['shutdownRequest']>) {
      this.calls.push('shutdownRequest');
      return super.shutdownRequest(...args);
    }
    override closeRequest(...args: Parameters<TCPServer['closeRequest']>) {
      this.calls.push('closeRequest');
      return super.closeRequest(...args);
    }
    override handleError(error: unknown, ..._rest: unknown[]): void {
      this.calls.push('handleError');
      this.errors.push(error);
    }
  };
}

/** A handler that writes down what is called in the record of its server. */
export class RecordingHandler extends BaseRequestHandler {
  declare server: TCPServer & Recording;

  override setup(): void | Promise<void> {
    this.server.calls.push('setup');
  }
  override handle(): void | Promise<void> {
    this.server.calls.push('handle');
  }
  override finish(): void | Promise<void> {
    this.server.calls.push('finish');
  }
}

/** One recording class for each strategy. */
export const recordingServers: Record<(typeof strategies)[number], ReturnType<typeof recording<typeof TCPServer>>> = {
  sequential: recording(TCPServer),
  async: recording(AsyncTCPServer),
  selecting: recording(SelectingTCPServer),
};
