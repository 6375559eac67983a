/** `npm run monitor:agent`: reports this machine to a hub until it is stopped. */
import { languageOf, newCommand, OptionReader, ownStreams, runCommand, type Streams } from '@socketserver/host';
import { formatAddress, type InetAddress } from '@socketserver/socket';

import { Agent, type AgentEvent } from './agent';
import { SystemProbe } from './probe';
import { reasonFor, type Texts, texts } from './texts';

const LEAST_INTERVAL = 250;
const MOST_INTERVAL = 3_600_000;

/** What the command line says. */
export interface AgentCommandOptions {
  readonly address: InetAddress;
  readonly name: string | undefined;
  /** Milliseconds. */
  readonly interval: number;
  readonly texts: Texts;
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} when a value cannot be used
 * @throws {CommanderError} after `--help`, and when a flag is unknown or lacks its value
 */
export function parseAgentCommand(argv: readonly string[], streams: Streams): AgentCommandOptions {
  const { help, expectedName } = texts[languageOf(argv)];
  const command = newCommand('monitor:agent', help.agent, streams, languageOf(argv))
    .option('--host <host>', help.host, '127.0.0.1')
    .option('--port <port>', help.port, '5000')
    .option('--name <name>', help.name)
    .option('--interval <ms>', help.interval, '3000')
    .option('--lang <lang>', help.lang, 'pt-BR')
    .parse(argv, { from: 'user' });
  const reader = new OptionReader(command.opts());
  return {
    address: [reader.host('host'), reader.integer('port', 1, 65_535)],
    name: reader.has('name') ? reader.matching('name', /\S/, expectedName) : undefined,
    interval: reader.integer('interval', LEAST_INTERVAL, MOST_INTERVAL),
    texts: texts[reader.lang],
  };
}

/** One line for people about what happened to an agent. */
export function describeEvent(event: AgentEvent, { address, host }: Agent, texts: Texts): string {
  const where = formatAddress(address);
  if (event.type === 'connected') return texts.connected(where, host);
  const reason = reasonFor(event.error, texts);
  if (event.type === 'lost') return texts.lost(where, reason);
  return event.type === 'unreachable' ? texts.unreachable(where, reason) : texts.probeFailed(reason);
}

/**
 * The whole command.
 *
 * @returns the exit code
 */
export function agentCommand(argv: readonly string[], streams: Streams): Promise<number> {
  return runCommand(streams, async (signal) => {
    const { texts, ...options } = parseAgentCommand(argv, streams);
    const agent = new Agent({
      ...options,
      probe: new SystemProbe(),
      onEvent: (event) => streams.stderr(`${describeEvent(event, agent, texts)}\n`),
    });
    await agent.run(signal);
    streams.stderr(`${texts.stopped}\n`);
    return 0;
  });
}

if (require.main === module) {
  void agentCommand(process.argv.slice(2), ownStreams()).then((code) => {
    process.exitCode = code;
  });
}
