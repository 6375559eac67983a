/**
 * TypeScript in threads and processes, while one tests and develops.
 *
 * A test runner compiles what it loads, and nothing of that is left where handlers run. Here `require()` learns to do the
 * same: each `.ts` file becomes CommonJS by the project's own `typescript` and the nearest `tsconfig.json`, without a
 * look at its types.
 *
 * ```
 *   require('./echo.ts') ─▶ node_modules/.cache/socketserver/ ─▶ run
 *                             │ not there, or outdated   ▲
 *                             └─▶ typescript.transpileModule()
 * ```
 *
 * What is published is compiled, and never comes here.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type * as TypeScript from 'typescript';

/** What `import.meta` becomes in CommonJS, where there is none. */
const META = 'importMeta$';
const META_VALUE = `const ${META} = { url: require('node:url').pathToFileURL(__filename).href, filename: __filename, dirname: __dirname };`;

/** What of Node's modules is not declared: what every hook of this kind stands on, since Node has had `require()`. */
interface Modules {
  readonly _extensions: Record<string, ((module: CompilingModule, file: string) => void) | undefined>;
  _resolveFilename(this: void, request: string, ...rest: unknown[]): string;
}

interface CompilingModule extends Module {
  _compile(code: string, file: string, format: 'commonjs'): void;
}

/** Whether it is a file that Node alone cannot load, or not in every version. */
export function isTypeScript(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file);
}

/**
 * Lets `require()` load TypeScript, unless somebody else has done so before: `node --import tsx`, `node -r ts-node/register`.
 *
 * @param file whose project it is
 * @returns whether it can now; `false` when there is no `typescript` to be found from there
 */
export function hookTypeScript(file: string): boolean {
  const modules = Module as unknown as Modules;
  if (modules._extensions['.ts'] !== undefined) return true;
  const found = find(file);
  if (found === undefined) return false;
  const compiler = new Compiler(found);
  for (const extension of ['.ts', '.tsx', '.cts', '.mts']) {
    modules._extensions[extension] = (module, name) => module._compile(compiler.compile(name), name, 'commonjs');
  }
  const resolve = modules._resolveFilename;
  modules._resolveFilename = (request, ...rest) => {
    try {
      return resolve(request, ...rest);
    } catch (error) {
      // The compiled file's name, as imports say it where ES modules are meant.
      const source = request.replace(/\.([cm]?)js$/, '.$1ts');
      if (source === request || !/^\.{0,2}\//.test(request)) throw error;
      return resolve(source, ...rest);
    }
  };
  process.setSourceMapsEnabled(true);
  return true;
}

/** Where the project's compiler is. */
function find(file: string): string | undefined {
  try {
    return createRequire(file).resolve('typescript/package.json');
  } catch {
    return undefined;
  }
}

class Compiler {
  readonly #package: string;
  readonly #cache: string;
  #typescript: typeof TypeScript | undefined;

  /** @param manifest the `package.json` of typescript */
  constructor(manifest: string) {
    this.#package = manifest;
    this.#cache = join(dirname(manifest), '../.cache/socketserver');
  }

  /** The code of a file as CommonJS. */
  compile(file: string): string {
    const source = readFileSync(file, 'utf8');
    // One for each file, however often that changes.
    const cached = join(this.#cache, `${createHash('sha256').update(file).digest('hex')}.js`);
    const seal = `\n// ${this.#hash(file, source)}\n`;
    const known = read(cached);
    if (known?.endsWith(seal) === true) return known;
    const code = this.#transpile(file, source) + seal;
    keep(cached, code);
    return code;
  }

  /** Of everything that the result depends on. */
  #hash(file: string, source: string): string {
    const hash = createHash('sha256').update(source);
    // What compiles: we, and the compiler, whose version is in there.
    for (const name of [__filename, this.#package]) hash.update(readFileSync(name));
    // The nearest one counts, and those that it extends: mostly they are here.
    for (let folder = dirname(file), parent; ; folder = parent) {
      for (const name of readdirSync(folder)) {
        if (/^tsconfig.*\.json$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
      }
      parent = dirname(folder);
      if (parent === folder) return hash.digest('hex');
    }
  }

  #transpile(file: string, source: string): string {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the project's, not ours
    const typescript = (this.#typescript ??= require(join(dirname(this.#package))) as typeof TypeScript);
    let hasMeta = false;
    const { outputText } = typescript.transpileModule(source, {
      // By its ending, others would stay ES modules.
      fileName: file.replace(/\.[cm]ts$/, '.ts'),
      compilerOptions: optionsFor(file, typescript),
      transformers: {
        before: [
          (context) => (root) => {
            const visit = (node: TypeScript.Node): TypeScript.Node => {
              if (!typescript.isMetaProperty(node)) return typescript.visitEachChild(node, visit, context);
              hasMeta = true;
              return typescript.factory.createIdentifier(META);
            };
            return typescript.visitEachChild(root, visit, context);
          },
        ],
      },
    });
    // On the first line: the others keep their numbers.
    return hasMeta ? `${META_VALUE} ${outputText}` : outputText;
  }
}

/** The project's options, as far as they say what a single file becomes; and CommonJS, which can be required. */
function optionsFor(file: string, typescript: typeof TypeScript): TypeScript.CompilerOptions {
  const { sys } = typescript;
  const config = typescript.findConfigFile(dirname(file), sys.fileExists.bind(sys));
  const options: TypeScript.CompilerOptions =
    config === undefined
      ? { experimentalDecorators: true, emitDecoratorMetadata: true, esModuleInterop: true }
      : typescript.parseJsonConfigFileContent(
          typescript.readConfigFile(config, sys.readFile.bind(sys)).config,
          // Which files belong to the project is of no interest, and takes long to find out.
          { ...sys, readDirectory: () => [] },
          dirname(config),
        ).options;
  return {
    target: typescript.ScriptTarget.ES2022,
    ...options,
    module: typescript.ModuleKind.CommonJS,
    verbatimModuleSyntax: false,
    sourceMap: false,
    inlineSourceMap: true,
    inlineSources: false,
    jsx: options.jsx ?? typescript.JsxEmit.React,
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** For the next worker. Several may do so at once, and none has to succeed. */
function keep(file: string, code: string): void {
  const temporary = `${file}.${process.pid}.${Math.random()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, code);
    renameSync(temporary, file);
  } catch {
    // A folder that cannot be written to costs time, and nothing else.
  }
}
