/**
 * An app of one's own, outside this repository: packs every package as it would be published, installs the files in an
 * empty folder, and puts the programs of the README and of the docs there.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { LocalRegistry } from './local-registry';

const exec = promisify(execFile);
const root = join(__dirname, '..');
const packages = ['socket', 'framing', 'core', 'host'];
/** What a user installs beside our packages. */
const peers = ['tsyringe', 'reflect-metadata', 'zod', '@types/node'];
const types = ['@types/node', 'undici-types'];

export class OwnApp {
  private constructor(readonly folder: string) {}

  /** @param further folders of packages to install beside those for users */
  static async create(...further: string[]): Promise<OwnApp> {
    const app = new OwnApp(await mkdtemp(join(tmpdir(), 'own-app-')));
    try {
      await app.#install(await app.#pack([...packages, ...further]));
    } catch (error) {
      await app.remove();
      throw error;
    }
    return app;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * Writes programs into `name/src`, compiles them strictly into `name/dist`, as CommonJS or as ES modules.
   *
   * @param programs their texts, by file name
   */
  async compile(name: string, type: 'commonjs' | 'module', programs: ReadonlyMap<string, string>): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          module: 'node16',
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noImplicitOverride: true,
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
          // Our declarations are checked as well, not only used.
          skipLibCheck: false,
          types: ['node'],
          rootDir: 'src',
          outDir: 'dist',
        },
        include: ['src'],
      }),
    );
    for (const [file, text] of programs) await writeFile(join(folder, 'src', file), text);
    await this.#tsc(folder);
    return join(folder, 'dist');
  }

  async #tsc(folder: string): Promise<void> {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await exec(process.execPath, [tsc, '-p', folder]).catch((error: { stdout: string }) => {
      throw new Error(`tsc refuses the programs of the docs:\n${error.stdout}`);
    });
  }

  async #pack(names: readonly string[]): Promise<string[]> {
    const target = join(this.folder, 'packed');
    await mkdir(target);
    const workspaces = names.flatMap((name) => ['-w', `packages/${name}`]);
    await exec('npm', ['pack', '--silent', '--pack-destination', target, ...workspaces], { cwd: root });
    return (await readdir(target)).map((file) => join(target, file));
  }

  async #install(files: string[]): Promise<void> {
    const registry = await LocalRegistry.open(root, types, join(this.folder, 'registry'));
    try {
      await writeFile(join(this.folder, 'package.json'), JSON.stringify({ name: 'own-app', private: true }));
      const cache = join(this.folder, 'cache');
      const flags = ['--registry', registry.url, '--cache', cache, '--no-audit', '--no-fund', '--silent'];
      await exec('npm', ['install', ...flags, ...files, ...peers], { cwd: this.folder });
    } finally {
      await registry.close();
    }
  }
}

/** The programs in the fenced code of a page: blocks that begin with a comment naming their file. */
export async function programsIn(page: string, language: 'ts' | 'python' = 'ts'): Promise<Map<string, string>> {
  const text = await readFile(join(root, page), 'utf8');
  const block = new RegExp('^```' + language + '\\n(?://|#) (\\S+)\\n([\\s\\S]*?)^```$', 'gm');
  return new Map([...text.matchAll(block)].map(([, file, code]) => [file ?? '', code ?? '']));
}
