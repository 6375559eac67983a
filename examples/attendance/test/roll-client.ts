import { once } from 'node:events';
import net from 'node:net';

import type { Random } from '@socketserver/testing';

import type { Answer } from './class-model';
import type { Request } from './dialects';

/** A connection to a server, on which requests go out, one or more at once, and their answers come back in order. */
export class RollClient {
  readonly #socket: net.Socket;
  /** What was asked and is not answered. */
  readonly #asked: Request[] = [];
  #text = '';
  #onNews: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket.setNoDelay().setEncoding('utf8');
    const onNews = () => this.#onNews();
    socket.on('data', (text: string) => {
      this.#text += text;
      onNews();
    });
    // A reset is what a killed server leaves.
    socket.on('error', onNews).on('close', onNews);
  }

  static async connect(port: number): Promise<RollClient> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RollClient(socket);
  }

  /** Asks one thing. @returns what {@link answer} does */
  ask(request: Request): Promise<Answer | undefined> {
    void this.send([request]);
    return this.answer();
  }

  /** Sends requests as one text. @param random cuts it, anywhere */
  async send(requests: readonly Request[], random?: Random): Promise<void> {
    this.#asked.push(...requests);
    const text = requests.map((request) => request.text).join('');
    for (let at = 0; at < text.length;) {
      const end = random === undefined || random.chance(0.5) ? text.length : random.int(at + 1, text.length);
      this.#socket.write(text.slice(at, end));
      at = end;
      if (at < text.length) await new Promise(setImmediate);
    }
  }

  /**
   * The answer to the first of those requests that have none.
   *
   * @returns undefined when the server is gone
   * @throws when something else comes than one of its answers, or more, or less
   */
  async answer(): Promise<Answer | undefined> {
    const [{ text, reply, understand }] = this.#asked as [Request];
    for (;;) {
      const match = reply.exec(this.#text);
      if (match !== null) {
        this.#asked.shift();
        const rest = this.#text.slice(match[0].length);
        if (this.#asked.length === 0 && rest !== '') break;
        this.#text = rest;
        return understand(match);
      }
      // A reply is sent in one piece: even a kill leaves all of it or nothing.
      if (this.#text.startsWith('Erro') || (this.#socket.destroyed && this.#text !== '')) break;
      if (this.#socket.destroyed) return undefined;
      await new Promise<void>((resolve) => (this.#onNews = resolve));
    }
    throw new Error(`${text} was answered by ${JSON.stringify(this.#text)}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
