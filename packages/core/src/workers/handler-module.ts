/**
 * Where workers load a handler from: the file that the class names by its `static module`, and the name under which that
 * file exports it. An object cannot be sent to another thread or process, but its source is there too.
 */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import { BaseRequestHandler } from '../base-request-handler';
import { HandlerError } from '../errors';
import { hookTypeScript, isTypeScript } from './hook-typescript';

/** A class of handlers, for another thread or process. */
export interface HandlerReference {
  /** The absolute path of its file. */
  readonly file: string;
  /** The name of the class. The file exports it under any name. */
  readonly name: string;
  /** It is TypeScript, and what has compiled it for the server is not where the worker runs. */
  readonly isCompiledHere: boolean;
}

const LINE = 'static override module = __filename; (in an ES module: import.meta.url; in JavaScript: without override)';

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
  if (name === '') {
    throw new HandlerError(
      'a class without a name runs in other threads or processes, which load it by its name; write: export class Name',
    );
  }
  const file = fileOf(handler);
  // A program that is TypeScript itself is run by something that runs in workers too.
  return { file, name, isCompiledHere: isTypeScript(file) && !isTypeScript(process.argv[1] ?? '') };
}

function fileOf(handler: { readonly name: string; readonly module?: unknown }): string {
  const { name, module } = handler;
  if (module === undefined) {
    throw new HandlerError(
      `${name} runs in other threads or processes, which load it by its file; add to the class: ${LINE}, and export it`,
    );
  }
  if (!Object.hasOwn(handler, 'module')) {
    throw new HandlerError(
      `${name} runs in other threads or processes, and has inherited the file that they would load: ${inspect(module)}; ` +
        `add to the class itself: ${LINE}, and export it`,
    );
  }
  const file = typeof module === 'string' ? pathOf(module) : undefined;
  if (file !== undefined && existsSync(file)) return file;
  throw new HandlerError(
    `${name}.module is ${inspect(module)}, which is not the absolute path of a file; write: ${LINE}`,
  );
}

/** `undefined` for what is no absolute path. */
function pathOf(module: string): string | undefined {
  if (!module.startsWith('file:')) return isAbsolute(module) ? module : undefined;
  try {
    return fileURLToPath(module);
  } catch {
    return undefined;
  }
}

/**
 * The class, in a worker.
 *
 * @throws {HandlerError} when the file does not export it, or is TypeScript that cannot be loaded
 * @throws what the file throws while it is loaded
 */
export async function loadHandler({
  file,
  name,
  isCompiledHere,
}: HandlerReference): Promise<new () => BaseRequestHandler<never>> {
  const exported = await (isTypeScript(file) ? loadTypeScript(file, isCompiledHere) : load(file));
  const found = new Set(candidates(exported, name).filter((each) => typeof each === 'function' && each.name === name));
  if (found.size > 1) {
    throw new HandlerError(
      `${file} exports ${found.size} classes whose name is ${name}, and workers cannot know which one is meant; give each a name of its own`,
    );
  }
  const [only] = found;
  if (only !== undefined) return only as new () => BaseRequestHandler<never>;
  throw new HandlerError(
    `${file} does not export ${name}, so that workers cannot load it; write there: export class ${name}, ` +
      `or let ${name}.module be the file that does`,
  );
}

/** What may be the class, what is exported under its name first. */
function candidates(exported: unknown, name: string): unknown[] {
  // A CommonJS module that was imported has its exports in `default`; one that was compiled has the default there, too.
  const first = defaultOf(exported);
  const modules = [exported, first, defaultOf(first)].filter(isObject);
  return [...modules.map((each) => each[name]), ...modules, ...modules.flatMap((each) => Object.values(each))];
}

function defaultOf(value: unknown): unknown {
  return isObject(value) ? value.default : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

async function load(file: string): Promise<unknown> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- what it exports is not known before
    return require(file) as unknown;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_REQUIRE_ESM' && code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return (await import(pathToFileURL(file).href)) as unknown;
  }
}

/** @param isCompiledHere whether Node, which can run some TypeScript, is not to be asked first */
async function loadTypeScript(file: string, isCompiledHere: boolean): Promise<unknown> {
  const canNode = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  if ((isCompiledHere || !canNode) && hookTypeScript(file)) return load(file);
  try {
    return await load(file);
  } catch (cause) {
    // Decorators, for one thing, are beyond Node.
    if (hookTypeScript(file)) return load(file);
    throw new HandlerError(
      `${file} is TypeScript, which workers cannot load as it is: ${reasonOf(cause)}; compile it and run the .js file, ` +
        'or install typescript, by which they compile it themselves',
      { cause },
    );
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
