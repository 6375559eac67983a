import { once } from 'node:events';
import net from 'node:net';

import type { Random } from '@socketserver/testing';

import type { Request } from './dialects';
import type { History } from './history';

/** A request, and the class that it is about, however it is typed. */
export interface Asked extends Request {
  readonly classNumber: string;
}

/** A connection whose requests leave in odd pieces, and whose acts are noted in a history. */
export class RollClient {
  readonly #socket: net.Socket;
  readonly #history: History;
  readonly #random: Random;
  #text = '';
  #onNews: () => void = () => undefined;

  private constructor(socket: net.Socket, history: History, random: Random) {
    this.#socket = socket.setNoDelay().setEncoding('utf8');
    this.#history = history;
    this.#random = random;
    const onNews = () => this.#onNews();
    socket.on('data', (text: string) => {
      this.#text += text;
      onNews();
    });
    socket.on('error', onNews).on('close', onNews);
  }

  static async connect(port: number, history: History, random: Random): Promise<RollClient> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RollClient(socket, history, random);
  }

  /** Sends requests as one text, cut anywhere, and resolves when each has its reply. */
  async ask(...requests: readonly Asked[]): Promise<void> {
    const answers = requests.map(({ classNumber, act, student }) => this.#history.begin(classNumber, act, student));
    const sent = this.#send(requests.map(({ text }) => text).join(''));
    for (const [index, request] of requests.entries()) answers[index]!(request.understand(await this.#reply(request)));
    await sent;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #send(text: string): Promise<void> {
    for (let at = 0; at < text.length;) {
      const end = this.#random.chance(0.5) ? text.length : this.#random.int(at + 1, text.length);
      this.#socket.write(text.slice(at, end));
      at = end;
      if (at < text.length) await new Promise(setImmediate);
    }
  }

  async #reply({ text, reply }: Request): Promise<RegExpExecArray> {
    for (;;) {
      const match = reply.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        return match;
      }
      if (this.#text.startsWith('Erro') || this.#socket.destroyed) {
        throw new Error(`${text} was answered by ${JSON.stringify(this.#text)}`);
      }
      await new Promise<void>((resolve) => (this.#onNews = resolve));
    }
  }
}
