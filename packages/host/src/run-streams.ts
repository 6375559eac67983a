/** The output and the logger of one run, with the limits of what may wait in standard output and standard error. */
import type { Writable } from 'node:stream';
import type { Logger, Output } from '@socketserver/core';
import { BoundedWriter } from './bounded-writer';
import { PinoLogger, wantsColors } from './logger';
import type { LogLevel } from './options';
import { StreamOutput } from './output';

export interface StreamOptions {
  /** Where the plugin's output goes. When its reader goes away, the plugin is shut down. @default process.stdout */
  readonly stdout?: Writable | undefined;
  /** Where logs go: as JSON, or readable when it is a terminal. @default process.stderr */
  readonly stderr?: (Writable & Partial<Pick<NodeJS.WriteStream, 'isTTY'>>) | undefined;
  /** The `Output` service. @default what writes to `stdout` */
  readonly output?: Output | undefined;
  /** The `Logger` service. @default pino, to `stderr` */
  readonly logger?: Logger | undefined;
  /** Its NO_COLOR and TERM are heard. @default none */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

export class RunStreams {
  readonly output: Output;
  readonly logger: Logger;
  readonly #writers: BoundedWriter[] = [];

  /** @param onUnread called when nobody reads the output any more */
  constructor(given: StreamOptions, level: LogLevel, onUnread: () => void) {
    this.logger = given.logger ?? this.#openLogger(given, level);
    this.output = given.output ?? this.#openOutput(given, onUnread);
  }

  /** Waits until all has been written, then lets go of the streams, which stay open. */
  async release(): Promise<void> {
    for (const writer of this.#writers) writer.report();
    await Promise.all(this.#writers.map((writer) => writer.flush()));
    for (const writer of this.#writers) writer.release();
  }

  #openLogger({ stderr = process.stderr, env = {} }: StreamOptions, level: LogLevel): Logger {
    const writer = this.#open(stderr, 'log lines');
    return new PinoLogger({ writer, level, pretty: stderr.isTTY === true, colors: wantsColors(stderr, env) });
  }

  #openOutput({ stdout = process.stdout }: StreamOptions, onUnread: () => void): Output {
    return new StreamOutput(this.#open(stdout, 'texts of the output', onUnread));
  }

  #open(stream: Writable, what: string, onClosed = () => {}): BoundedWriter {
    const onDropped = (dropped: number) => {
      this.logger.warn({ dropped }, `a reader did not keep up: ${what} were dropped`);
    };
    const onFailing = (error: Error) => {
      this.logger.warn({ error }, `${what} cannot be written and are lost until they can: ${error.message}`);
    };
    const writer = new BoundedWriter(stream, { onClosed, onDropped, onFailing });
    this.#writers.push(writer);
    return writer;
  }
}
