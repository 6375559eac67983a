/** What prepares a worker for a plugin: it loads the plugin once more, and sends what it prints and logs to the server. */
import {
  container as rootContainer,
  type InjectionToken,
  Logger,
  Output,
  SETTINGS,
  type WorkerSetup,
} from '@socketserver/core';
import pino from 'pino';
import { types } from 'node:util';
import { PluginHookError } from './errors';
import { loadPlugin } from './load-plugin';

/** What a worker of a plugin is set up with. */
export interface PluginWorkerData {
  /** The plugin's file. */
  readonly file: string;
  readonly settings: unknown;
  /** Milliseconds that it may take to load. */
  readonly loadTimeout: number;
}

/** What a plugin in a worker prints or logs. */
export type PluginWorkerMessage =
  { readonly output: string } | { readonly level: keyof Logger; readonly fields: object; readonly message: string };

/** Called by core in each worker. */
export async function setupWorker(
  { file, settings, loadTimeout }: PluginWorkerData,
  tell: (message: PluginWorkerMessage) => void,
): Promise<WorkerSetup> {
  const { plugin } = await loadPlugin(file, { timeout: loadTimeout });
  const container = rootContainer.createChildContainer();
  container
    .register(Logger as InjectionToken<Logger>, { useValue: new RemoteLogger(tell) })
    .register(Output as InjectionToken<Output>, { useValue: new RemoteOutput(tell) })
    .register(SETTINGS, { useValue: settings });
  try {
    plugin.configure?.(container, settings);
  } catch (cause) {
    throw new PluginHookError(plugin.name, 'configure', { cause });
  }
  return { handler: plugin.handler as WorkerSetup['handler'], container };
}

class RemoteOutput extends Output {
  constructor(private readonly tell: (message: PluginWorkerMessage) => void) {
    super();
  }

  override write(text: string): void {
    this.tell({ output: text });
  }
}

class RemoteLogger extends Logger {
  constructor(private readonly tell: (message: PluginWorkerMessage) => void) {
    super();
  }

  override debug(fields: object, message: string): void {
    this.#tell('debug', fields, message);
  }

  override info(fields: object, message: string): void {
    this.#tell('info', fields, message);
  }

  override warn(fields: object, message: string): void {
    this.#tell('warn', fields, message);
  }

  override error(fields: object, message: string): void {
    this.#tell('error', fields, message);
  }

  #tell(level: keyof Logger, fields: object, message: string): void {
    const { error } = fields as { readonly error?: unknown };
    // Cloned, it would lose its class and its code.
    const data = types.isNativeError(error) ? { ...fields, error: pino.stdSerializers.err(error) } : fields;
    // As they would stand in the log: nothing else of what they are parts of is to go along.
    const sendable = Object.entries(data).map(([name, value]) => [name, asJson(value)] as const);
    this.tell({ level, fields: Object.fromEntries(sendable), message });
  }
}

/** Without what is no data, as a line of the log would have it; `undefined` where that is all of it. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    return undefined;
  }
}
