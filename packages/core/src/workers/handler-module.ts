/**
 * Where workers load a handler from: the file that the class names by its `static module`, and the name under which that
 * file exports it. An object cannot be sent to another thread or process, but its source is there too.
 */
import { fileURLToPath } from 'node:url';

import { BaseRequestHandler } from '../base-request-handler';
import { HandlerError } from '../errors';

/** A class of handlers, for another thread or process. */
export interface HandlerReference {
  /** The absolute path of its file. */
  readonly file: string;
  /** The name of the class. The file exports it under this name, or as the default. */
  readonly name: string;
}

/**
 * How workers find a class.
 *
 * @throws {HandlerError} when it does not say where it is; the message shows the line to add
 */
export function referenceTo(handler: unknown): HandlerReference {
  if (typeof handler !== 'function') {
    throw new HandlerError(
      `${String(handler)} is a token, and only this process knows what it stands for; give a server with workers the handler's class`,
    );
  }
  const { name } = handler;
  // An inherited one would load the class that it was inherited from.
  const own = Object.hasOwn(handler, 'module') ? (handler as { module?: unknown }).module : undefined;
  if (typeof own !== 'string' || own === '') {
    throw new HandlerError(
      `${name} runs in other threads or processes, which load it by its file; add to the class: ` +
        'static override module = __filename; (in an ES module: import.meta.url), and export it',
    );
  }
  return { file: own.startsWith('file:') ? fileURLToPath(own) : own, name };
}

/**
 * The class, in a worker.
 *
 * @throws {HandlerError} when the file does not export it
 * @throws what the file throws while it is loaded
 */
export async function loadHandler({ file, name }: HandlerReference): Promise<new () => BaseRequestHandler<never>> {
  const exported = await load(file);
  const defaults = exported.default as Record<string, unknown> | undefined;
  // A CommonJS module that was imported has its exports in `default`; one that was compiled has the default there, too.
  const candidates = [exported[name], defaults, defaults?.[name], defaults?.default];
  const found = candidates.find((each) => typeof each === 'function' && each.name === name);
  if (found !== undefined) return found as new () => BaseRequestHandler<never>;
  throw new HandlerError(
    `${file} does not export ${name}, so that workers cannot load it; write: export class ${name}`,
  );
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- what it exports is not known before
    return require(file) as Record<string, unknown>;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_REQUIRE_ESM' && code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return (await import(file)) as Record<string, unknown>;
  }
}
