import { connectionReason, escapeControls } from '@socketserver/host';
import { formatAddress, type InetAddress, SocketError } from '@socketserver/socket';

import { AttendanceError } from '../errors';
import { ReplyTimeoutError, ServerGoneError } from './client-errors';
import type { ClientTexts } from './client-texts';
import type { Answer, ConnectionEvent, StandingConnection } from './standing-connection';
import type { TextConsole } from './text-console';

/** Characters of an input that are repeated in a complaint. */
const MAX_SHOWN = 40;

/** A person at a console, a server, and what is said when something goes wrong between them. */
export class Conversation {
  /** Requests of which nobody knows what became. */
  unanswered = 0;
  /** Lines that were entered before the connection was back, and have not been looked at. */
  #outdated = 0;
  #isOutdated = false;

  constructor(
    readonly console: TextConsole,
    readonly texts: ClientTexts,
    private readonly connection: StandingConnection,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Asks until the answer makes sense, or there is none.
   *
   * @param complaint what is said about a line that `parse` does not understand
   * @returns '' for an empty line, undefined when there is no more input
   */
  async askFor<T>(
    prompt: string,
    parse: (line: string) => T | undefined,
    complaint: (shown: string) => string,
  ): Promise<T | '' | undefined> {
    for (;;) {
      const line = await this.console.ask(prompt);
      this.#isOutdated = this.#outdated > 0;
      if (this.#isOutdated) this.#outdated -= 1;
      if (line === undefined) return undefined;
      if (line.trim() === '') return '';
      const value = parse(line);
      if (value !== undefined) return value;
      this.console.warn(complaint(`"${escapeControls(line.slice(0, MAX_SHOWN))}"`));
    }
  }

  /**
   * Sends a request and resolves with the reply; undefined when there is none, which has been said then.
   *
   * Whoever sits at a terminal is not kept waiting in the dark: without a connection they hear what becomes of it. What must
   * not be repeated is not sent later either, when they no longer think of it.
   *
   * @param isRepeatable whether it may be sent again when the connection is lost before the reply
   * @param advice what is said, besides the reason, when it was sent and there is no reply; '' for nothing
   */
  async request(text: string, isRepeatable: boolean, advice: string): Promise<Answer | undefined> {
    const obstacle = this.console.isInteractive ? this.#obstacle(isRepeatable) : '';
    if (obstacle !== '') this.console.warn(obstacle);
    if (obstacle !== '' && !isRepeatable) return undefined;
    try {
      return await this.connection.request(text, isRepeatable);
    } catch (error) {
      this.unanswered += 1;
      // Why nothing goes on has been said by whoever stopped it.
      if (this.signal.aborted) return undefined;
      if (!(error instanceof AttendanceError || error instanceof SocketError)) throw error;
      this.#explain(error, advice);
      return undefined;
    }
  }

  /** To be called when there is a connection after one was missed. */
  reconnected(): void {
    this.#outdated = this.console.ahead;
  }

  /** Shows what the server said, which may be anything: each text on a line of its own. */
  show(texts: readonly string[]): void {
    this.console.say(texts.map((text) => escapeControls(text)).join('\n'));
  }

  /** Why a request does not go out now, in words; '' when it does. */
  #obstacle(isRepeatable: boolean): string {
    const { waiting, notSent, outdated } = this.texts;
    if (!this.connection.isConnected) return isRepeatable ? waiting : notSent;
    return this.#isOutdated && !isRepeatable ? outdated : '';
  }

  #explain(error: AttendanceError | SocketError, advice: string): void {
    const { texts, console } = this;
    const isLost = error instanceof SocketError || error instanceof ServerGoneError;
    if (!isLost) console.warn(texts.noReply(reasonFor(error, texts)));
    const partial = error instanceof ServerGoneError || error instanceof ReplyTimeoutError ? error.partial : '';
    if (partial !== '') console.warn(texts.partial(escapeControls(partial)));
    if (advice !== '') console.warn(advice);
  }
}

/** One line for people about what happened to the connection. */
export function describeEvent(
  event: ConnectionEvent,
  address: InetAddress,
  attempts: number,
  texts: ClientTexts,
): string {
  const where = formatAddress(address);
  if (event.type === 'restored') return texts.restored(where);
  const reason = reasonFor(event.error, texts);
  if (event.type === 'lost') return texts.lost(where, reason, attempts);
  return event.type === 'unreachable'
    ? texts.unreachable(where, reason, attempts)
    : texts.gaveUp(where, reason, event.attempts);
}

function reasonFor(error: unknown, { language, reasons }: ClientTexts): string {
  return escapeControls(connectionReason(error, language, reasons));
}
