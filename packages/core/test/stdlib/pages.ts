import { HTTPHandler } from './http-handler';

/** A small site: one page as a whole, one in parts, a large one, and an echo for what is posted. */
export class Pages extends HTTPHandler {
  static readonly large = Buffer.alloc(1024 * 1024, '0123456789abcdef');

  override async doGET() {
    switch (this.path) {
      case '/hello':
        return this.respond(200, 'hello\n');
      case '/numbers':
        return this.respondInParts(['one\n', '', 'two\n', 'three\n']);
      case '/large':
        return this.respond(200, Pages.large);
      default:
        return this.sendError(404, `there is no ${this.path}`);
    }
  }

  override doHEAD() {
    return this.doGET();
  }

  override async doPOST() {
    if (this.path !== '/echo') return this.sendError(404, `there is no ${this.path}`);
    return this.respond(200, await this.readBody());
  }
}
