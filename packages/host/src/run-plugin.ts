/**
 * Runs a plugin: what `socketserver serve` does, for programs. It prints no ready line and touches no signal:
 * `readyLine()` and `untilSignal()` do.
 *
 *     plan ──▶ configure() ──▶ bind ──▶ start() ──▶ serve … shutdown() ──▶ stop() ──▶ closed
 *     └──────── what fails here rejects, with everything closed ───────┘
 */
import {
  type Address,
  type BaseServer,
  Clock,
  container as rootContainer,
  type DependencyContainer,
  escapeControls,
  formatAddress,
  type InjectionToken,
  Logger,
  Output,
  type RequestHandlerClass,
  SETTINGS,
  type ShutdownReport,
  type Socket,
  type Strategy,
  systemClock,
} from '@socketserver/core';
import { coreOptions } from './core-options';
import { PluginHookError, PluginTimeoutError } from './errors';
import { listenFailure } from './listen-failure';
import { logEvents } from './log-events';
import { addressOf } from './options';
import { planRun, type RunPlan, type RunSources } from './plan-run';
import type { AnyPlugin, PluginContext } from './plugin';
import { pluginServer, transportOf } from './plugin-server';
import { pluginWorkers } from './plugin-workers';
import { RunStreams, type StreamOptions } from './run-streams';
import { withTimeout } from './with-timeout';

/** What {@link runPlugin} is given. */
export interface RunOptions extends RunSources, StreamOptions {
  /** The file that the plugin was loaded from, for strategies with workers. @default the plugin's `module` */
  readonly file?: string | undefined;
  /** The environment variables. @default none: a program that wants them says `env: process.env` */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What everything that waits is measured by. @default systemClock */
  readonly clock?: Clock | undefined;
  /** The parent of the plugin's own container. @default tsyringe's root container */
  readonly container?: DependencyContainer | undefined;
}

/** A plugin whose server takes requests. */
export interface RunningPlugin {
  /** What was started. */
  readonly plugin: AnyPlugin;
  /** Its server, which serves. */
  readonly server: BaseServer;
  /** Where it listens: with the real port, or a path. */
  readonly address: Address;
  /** The same as the ready line has it: `tcp://127.0.0.1:5000`, `udp://[::1]:5000`, `unix:/run/app.sock`. */
  readonly url: string;
  /** How requests share the process. */
  readonly strategy: Strategy;
  /** The settings, validated and with their defaults. */
  readonly settings: unknown;
  /** The container that handlers and shared services are resolved from. */
  readonly container: DependencyContainer;
  /** Where it prints: the `Output` service. */
  readonly output: Output;
  /** Where it and its server report: the `Logger` service. */
  readonly logger: Logger;
  /**
   * Resolves when all has ended and the output has been written; rejects when serving or `stop` failed. Await it: as with
   * any promise, a rejection that nobody handles ends the process.
   */
  readonly closed: Promise<ShutdownReport>;
  /** Refuses new clients and drains. Idempotent. @returns `closed` */
  shutdown(): Promise<ShutdownReport>;
  /** Cuts every request that still runs; `closed` settles after `stop`. */
  abort(): void;
}

/**
 * Starts a plugin.
 * @throws {BadOptionError | BadSettingsError | ConfigFileError} when it is not told right what to do
 * @throws {ListenError} when the address cannot be bound
 * @throws {InvalidPluginError} when its shared services cannot be made
 * @throws {PluginHookError | PluginTimeoutError} when `configure` or `start` fails; nothing is left open
 */
export async function runPlugin(plugin: AnyPlugin, options: RunOptions = {}): Promise<RunningPlugin> {
  const run = new Run(plugin, await planRun(plugin, options), options);
  await run.begin();
  return run;
}

/** What `serve` prints when the server is ready: `listening on tcp://127.0.0.1:5000 (selecting)`. */
export function readyLine({ url, strategy }: RunningPlugin): string {
  return `listening on ${url} (${strategy})`;
}

class Run implements RunningPlugin {
  server!: BaseServer;
  closed!: Promise<ShutdownReport>;
  readonly #streams: RunStreams;
  readonly #scope: DependencyContainer;
  readonly #clock: Clock;
  #isUnread = false;
  readonly #file: string | undefined;

  constructor(
    readonly plugin: AnyPlugin,
    readonly plan: RunPlan,
    options: RunOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#file = options.file;
    this.#streams = new RunStreams(options, plan.options.values.logLevel, () => this.#unread());
    this.#scope = (options.container ?? rootContainer).createChildContainer();
    this.#scope
      .register(Logger as InjectionToken<Logger>, { useValue: this.logger })
      .register(Output as InjectionToken<Output>, { useValue: this.output })
      .register(Clock as InjectionToken<Clock>, { useValue: this.#clock })
      .register(SETTINGS, { useValue: this.settings });
  }

  get address(): Address {
    return this.server.serverAddress;
  }

  get url(): string {
    const { address } = this;
    if (typeof address === 'string') return `unix:${escapeControls(address)}`;
    return `${transportOf(this.plugin, this.plan.options.values)}://${formatAddress(address)}`;
  }

  get strategy(): Strategy {
    return this.plan.options.values.strategy;
  }

  get settings(): unknown {
    return this.plan.settings;
  }

  get container(): DependencyContainer {
    return this.server.container;
  }

  get output(): Output {
    return this.#streams.output;
  }

  get logger(): Logger {
    return this.#streams.logger;
  }

  async begin(): Promise<void> {
    try {
      this.#configure();
      await this.#listen();
      await this.#call('start');
    } catch (error) {
      // Not there yet, when configuring or binding failed.
      await (this.server as BaseServer | undefined)?.serverClose();
      await this.#streams.release();
      throw error;
    }
    this.closed = this.#serve();
    if (this.#isUnread) void this.shutdown();
  }

  shutdown(): Promise<ShutdownReport> {
    void this.server.shutdown();
    void this.server.serverClose();
    return this.closed;
  }

  abort(): void {
    this.server.abort();
  }

  #configure(): void {
    try {
      this.plugin.configure?.(this.#scope, this.settings);
    } catch (cause) {
      throw new PluginHookError(this.plugin.name, 'configure', { cause });
    }
  }

  async #listen(): Promise<void> {
    const { values } = this.plan.options;
    // The compiler, or definePlugin(), has seen to it that it suits the transport.
    const handler = this.plugin.handler as RequestHandlerClass<Socket>;
    const Server = pluginServer(this.strategy, transportOf(this.plugin, values), () => this.#idle());
    try {
      this.server = await Server.listen(addressOf(values), handler, {
        ...coreOptions(values),
        container: this.#scope,
        workerSetup: pluginWorkers(this, { file: this.#file, loadTimeout: values.loadTimeout }),
        shared: this.plugin.shared,
        clock: this.#clock,
      });
    } catch (error) {
      throw listenFailure(error, this.plugin, this.plan.options);
    }
  }

  async #serve(): Promise<ShutdownReport> {
    const { server } = this;
    const { pollInterval } = this.plan.options.values;
    const endLog = logEvents(this.logger, server);
    try {
      return await server.serveForever({ pollInterval });
    } finally {
      await this.#stop().finally(endLog);
    }
  }

  async #stop(): Promise<void> {
    try {
      await this.server.serverClose();
      await this.#call('stop');
    } finally {
      await this.#streams.release();
    }
  }

  /** Calls a hook of the plugin, which has as long for it as for loading. */
  async #call(hook: 'start' | 'stop'): Promise<void> {
    const { plugin } = this;
    const { loadTimeout } = this.plan.options.values;
    const late = () => new PluginTimeoutError(plugin.name, `${hook}()`, loadTimeout);
    const calling = (async () => plugin[hook]?.(this.#context))();
    try {
      await withTimeout(calling, loadTimeout, late);
    } catch (cause) {
      throw cause instanceof PluginTimeoutError ? cause : new PluginHookError(plugin.name, hook, { cause });
    }
  }

  async #idle(): Promise<void> {
    try {
      await this.plugin.idle?.(this.#context);
    } catch (error) {
      this.logger.error({ error }, `plugin "${this.plugin.name}": idle() failed`);
    }
  }

  get #context(): PluginContext {
    const { container, settings, server, strategy, output, logger } = this;
    return { container, settings, server, strategy, output, logger };
  }

  /** Nobody reads what this server is for, as in `serve … | head`: then it ends. */
  #unread(): void {
    this.#isUnread = true;
    if ((this.closed as Promise<ShutdownReport> | undefined) !== undefined) void this.shutdown();
  }
}
