import {
  type BackOff,
  languageOf,
  newCommand,
  OptionReader,
  ownStreams,
  runCommand,
  type Streams,
} from '@socketserver/host';
import type { Clock, InetAddress } from '@socketserver/socket';

import { type ClientTexts, clientTexts } from './client-texts';
import { Conversation, describeEvent } from './conversation';
import { openConsole } from './open-console';
import { StandingConnection } from './standing-connection';
import type { ConsoleStreams } from './text-console';

/** Who sits at a client, and what they are asked. */
export interface ClientRole {
  readonly name: 'teacher' | 'student';
  /** Asks and answers until there is no more input. */
  readonly converse: (conversation: Conversation) => Promise<void>;
}

/** What a client runs on. */
export interface ClientSetting {
  readonly streams: ConsoleStreams;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default new BackOff() */
  readonly backOff?: BackOff | undefined;
}

/** Failures in a row after which a client gives up that nobody watches. */
const ATTEMPTS = 5;

/**
 * A whole client command: `--host`, `--port`, `--lang` and a conversation.
 *
 * Exit codes: 0 at the end of input, and after Ctrl-C, which is how such a program is left; 1 when it gave up, or, without
 * a terminal, when what became of a request is not known; 2 for a command line that makes no sense.
 */
export function clientCommand(role: ClientRole, argv: readonly string[], setting: ClientSetting): Promise<number> {
  const { streams } = setting;
  const writers: Streams = {
    stdout: (text: string) => void streams.stdout.write(text),
    stderr: (text: string) => void streams.stderr.write(text),
  };
  return runCommand(writers, async (signal) => {
    const { address, texts } = parseOptions(role, argv, writers);
    return converse(role, address, texts, setting, signal);
  });
}

/** The process's own. */
export function ownSetting(): ClientSetting {
  ownStreams();
  const { stdin, stdout, stderr, env } = process;
  return { streams: { stdin, stdout, stderr, env } };
}

function parseOptions({ name }: ClientRole, argv: readonly string[], writers: Streams) {
  const { help } = clientTexts[languageOf(argv)];
  const command = newCommand(`attendance:${name}`, help[name], writers, languageOf(argv))
    .option('--host <host>', help.host, '127.0.0.1')
    .option('--port <port>', help.port, '5050')
    .option('--lang <lang>', help.lang, 'pt-BR')
    .parse(argv, { from: 'user' });
  const reader = new OptionReader(command.opts());
  const address: InetAddress = [reader.host('host'), reader.integer('port', 1, 65_535)];
  return { address, texts: clientTexts[reader.lang] };
}

async function converse(
  role: ClientRole,
  address: InetAddress,
  texts: ClientTexts,
  { streams, clock, backOff }: ClientSetting,
  stopped: AbortSignal,
): Promise<number> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([stopped, leaving.signal]);
  let hasGivenUp = false;
  let heard = (): void => undefined;
  const firstNews = new Promise<void>((resolve) => (heard = resolve));

  const console = openConsole(streams, {
    onInterrupt: () => leaving.abort(),
    // What was entered before still gets its reply, unless there is nobody to give it.
    onEnd: () => {
      if (!connection.isConnected) leaving.abort();
    },
  });
  const attempts = console.isInteractive ? Infinity : ATTEMPTS;
  const connection = new StandingConnection({
    address,
    signal,
    attempts,
    backOff,
    clock,
    onEvent: (event) => {
      console.warn(describeEvent(event, address, attempts, texts));
      hasGivenUp = event.type === 'gave-up';
      if (event.type === 'restored') conversation.reconnected();
      heard();
      if (hasGivenUp || (console.isInteractive && console.hasEnded)) leaving.abort();
    },
  });
  const conversation = new Conversation(console, texts, connection, signal);
  signal.addEventListener('abort', () => console.close());
  try {
    console.say(texts[role.name].banner);
    if (console.isInteractive) console.say(texts[role.name].usage);
    const ready = connection.ready().catch(() => undefined);
    // Whoever is told that there is no connection can be asked without one.
    await (console.isInteractive ? Promise.race([ready, firstNews]) : ready);
    await role.converse(conversation);
  } finally {
    leaving.abort();
  }
  return hasGivenUp || (!console.isInteractive && conversation.unanswered > 0 && !stopped.aborted) ? 1 : 0;
}
