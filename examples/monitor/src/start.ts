/**
 * `npm start`: the hub, and an agent for this machine, in one process.
 *
 * One process is enough: the agent talks to the hub through a real socket all the same, needs next to no time, and there
 * is one thing to stop.
 */
import { type Strategy, strategies } from '@socketserver/core';
import {
  type Language,
  languageOf,
  ListenError,
  newCommand,
  OptionReader,
  ownStreams,
  readyLine,
  runCommand,
  runPlugin,
  type Streams,
  untilSignal,
  UsageError,
} from '@socketserver/host';
import { type Address, formatAddress, type InetAddress } from '@socketserver/socket';

import { Agent } from './agent';
import { describeEvent } from './agent-command';
import { agentCommandFor, isPublic, localAddress } from './hub-address';
import { monitor } from './plugin';
import { SystemProbe } from './probe';
import { type Texts, texts } from './texts';

/** Where the hub listens, and how it serves. What is left out is left to the environment and to the plugin. */
export interface HubOptions {
  readonly host?: string;
  readonly port?: number;
  readonly strategy?: Strategy;
}

/** What the command line says. */
export interface StartCommandOptions {
  readonly hub: HubOptions;
  readonly name: string | undefined;
  readonly lang: Language;
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} when a value cannot be used
 * @throws {CommanderError} after `--help`, and when a flag is unknown or lacks its value
 */
export function parseStartCommand(argv: readonly string[], streams: Streams): StartCommandOptions {
  const { help, expectedName } = texts[languageOf(argv)];
  const command = newCommand('start', help.start, streams, languageOf(argv))
    .option('--host <host>', `${help.hubHost} (default: "127.0.0.1")`)
    .option('--port <port>', `${help.hubPort} (default: "5000")`)
    .option('--strategy <strategy>', `${help.strategy} (default: "selecting")`)
    .option('--name <name>', help.name)
    .option('--lang <lang>', help.lang, 'pt-BR')
    .parse(argv, { from: 'user' });
  const reader = new OptionReader(command.opts());
  return {
    hub: {
      ...(reader.has('host') && { host: reader.host('host') }),
      ...(reader.has('port') && { port: reader.integer('port', 0, 65_535) }),
      ...(reader.has('strategy') && { strategy: reader.choice('strategy', strategies) }),
    },
    name: reader.has('name') ? reader.matching('name', /\S/, expectedName) : undefined,
    lang: reader.lang,
  };
}

/**
 * The whole command.
 *
 * @returns the exit code
 */
export function startCommand(argv: readonly string[], streams: Streams): Promise<number> {
  return runCommand(streams, async (signal) => {
    const options = parseStartCommand(argv, streams);
    try {
      return await start(options, streams, signal);
    } catch (error) {
      throw isPortTaken(error) ? portTaken(error.address, texts[options.lang]) : error;
    }
  });
}

async function start({ hub: where, name, lang }: StartCommandOptions, streams: Streams, signal: AbortSignal) {
  const say = (line: string) => streams.stderr(`${line}\n`);
  const hub = await runPlugin(monitor, { ...where, settings: { lang }, env: process.env });
  const address = hub.address as InetAddress;
  hub.output.write(`${readyLine(hub)}\n`);
  say(invitation(address, texts[lang]));

  const agent = new Agent({
    address: localAddress(address),
    name,
    probe: new SystemProbe(),
    onEvent: (event) => say(describeEvent(event, agent, texts[lang])),
  });
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  signal.addEventListener('abort', stop);
  const reporting = agent.run(stopping.signal);
  // A signal that came while the hub was starting was heard by nobody else.
  if (signal.aborted) void hub.shutdown();
  try {
    return await untilSignal(hub);
  } finally {
    stop();
    await reporting;
  }
}

function invitation(address: InetAddress, texts: Texts): string {
  const command = agentCommandFor(address);
  return isPublic(address) ? texts.otherMachine(command) : texts.onlyThisMachine(command);
}

/** The port is what is taken most often: one line in the user's language, with the flag that helps. */
function portTaken(address: Address, texts: Texts): UsageError {
  const where = formatAddress(address);
  return new UsageError(texts.portTaken(where), '--port', where);
}

function isPortTaken(error: unknown): error is ListenError {
  return error instanceof ListenError && (error.cause as { code?: unknown }).code === 'EADDRINUSE';
}

if (require.main === module) {
  void startCommand(process.argv.slice(2), ownStreams()).then((code) => {
    process.exitCode = code;
  });
}
