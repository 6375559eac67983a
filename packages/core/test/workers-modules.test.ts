/** Where workers load handlers from: CommonJS, ES modules, and TypeScript as a test has it. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Peer, Program, endPrograms, expectNoLeaks } from '@socketserver/testing';

import { type Address, BaseRequestHandler, ForkingTCPServer, HandlerError, ThreadingTCPServer } from '../src';
import { ask, line } from './asking';
import { Broken } from './fixtures/modules/typescript/broken';
import { Greeter } from './fixtures/modules/typescript/greeter';
import { Serving } from './serving';
import { temporaryFolder } from './temporary-folder';

expectNoLeaks();
afterEach(endPrograms);

const anywhere: Address = ['127.0.0.1', 0];
const modules = join(__dirname, 'fixtures/modules');

/** A class as servers with workers see it: by its name and by the file that it names. */
function handler(name: string, module: unknown): never {
  const made = class extends BaseRequestHandler {
    static override module = module as string;
  };
  return Object.defineProperty(made, 'name', { value: name }) as never;
}

const canNode = Boolean((process.features as { readonly typescript?: unknown }).typescript);

describe.each([
  ['threading', ThreadingTCPServer],
  ['forking', ForkingTCPServer as unknown as typeof ThreadingTCPServer],
])('a worker, %s', (strategy, TCPServer) => {
  const listen = (Handler: never) => TCPServer.listen(anywhere, Handler, { workers: 1 });

  it('does not start the server that its file starts whenever it is loaded, and says so', async () => {
    const listening = listen(handler('Unguarded', join(modules, 'unguarded.cjs')));
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(/starts AsyncTCPServer whenever .* if \(require\.main === module\)/);
  });

  it('refuses a class whose file exports another one of its name', async () => {
    const listening = listen(handler('Twin', join(modules, 'twins.cjs')));
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow('exports 2 classes whose name is Twin');
  });

  it('has no workers of its own', async () => {
    await using test = new Serving(await listen(handler('Nested', join(modules, 'nested.cjs'))));
    using peer = await test.connect();
    expect(await peer.readAll()).toMatch(/^ERR_SERVER_STATE ThreadingTCPServer: a worker of one server cannot start/);
  });

  it.each([
    ['the class that is all of module.exports', 'Only', 'exports-class.cjs', 'only'],
    ['a named export of an ES module', 'Named', 'named.mjs', 'named'],
    ['a class that an ES module exports under another name', 'Inner', 'named.mjs', 'inner'],
    ['the default export of an ES module', 'Default', 'default.mjs', 'default'],
    ['an ES module that awaits at its top level', 'Awaiting', 'awaiting.mjs', 'awaited'],
    ['a file of a package of ES modules', 'Packaged', 'esm/packaged.js', 'packaged'],
  ])('loads %s', async (_what, name, file, answer) => {
    for (const module of [join(modules, file), pathToFileURL(join(modules, file)).href]) {
      await using test = new Serving(await listen(handler(name, module)));
      using peer = await test.connect();
      expect(await line(peer)).toBe(answer);
    }
  });

  it('loads the very TypeScript that a test has imported, with decorators and all', async () => {
    await using test = new Serving(await listen(Greeter as never));
    using peer = await test.connect();
    expect(await ask(peer, 'Ana')).toBe('Welcome, Ana!');
  });

  it('names the line of the TypeScript in an error from a worker', async () => {
    await using test = new Serving(await listen(Greeter as never));
    using peer = await test.connect();
    await ask(peer, 'Ana');
    await peer.send('nobody\n');
    await peer.ending();
    await test.events.stopped(1);
    expect((test.errors[0] as Error).stack).toMatch(/greeter\.ts:19:/);
  });

  it('gives import.meta to TypeScript that is written as an ES module', async () => {
    const file = join(modules, 'typescript/importing.mts');
    await using test = new Serving(await listen(handler('Importing', pathToFileURL(file).href)));
    using peer = await test.connect();
    expect(await line(peer)).toBe(`${pathToFileURL(file).href}!`);
  });

  it('fails with the error of a file of TypeScript that fails in a worker', async () => {
    const listening = listen(Broken as never);
    await expect(listening).rejects.toThrow(RangeError);
    await expect(listening).rejects.toThrow('this file fails in a worker');
  });

  (canNode ? it : it.skip)('leaves TypeScript to Node where Node runs the program (Node 22.18)', async () => {
    const program = new Program(process.execPath, [join(modules, 'native.mts'), strategy]);
    const [, port] = await program.prints(/^port (\d+)$/m);
    using peer = await Peer.connect(['127.0.0.1', Number(port)]);
    expect(await line(peer)).toBe('native');
  });

  it('says what to do about TypeScript where no compiler can be found', async () => {
    // Outside of this project nothing is installed.
    using folder = temporaryFolder();
    const file = folder.file('lonely.ts');
    writeFileSync(file, 'enum Kind { Lonely }\nexport class Lonely { private kind: Kind; }\n');
    const listening = listen(handler('Lonely', file));
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(
      /lonely\.ts is TypeScript.*compile it and run the \.js file, or install typescript/,
    );
  });

  it('says which class the file should export when it has others', async () => {
    const listening = listen(handler('Missing', join(modules, 'named.mjs')));
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(
      /named\.mjs does not export Missing, so that .* write there: export class Missing, or let Missing\.module/,
    );
  });
});

describe('TypeScript in workers', () => {
  /** A project with a compiler. @returns says what its handler answers */
  function project(folder: { file(name: string): string }) {
    const modulesOf = folder.file('node_modules');
    mkdirSync(join(modulesOf, 'typescript'), { recursive: true });
    symlinkSync(join(__dirname, '../../../node_modules/@socketserver'), join(modulesOf, '@socketserver'));
    writeFileSync(join(modulesOf, 'typescript/package.json'), '{ "name": "typescript", "version": "0.0.0" }');
    writeFileSync(
      join(modulesOf, 'typescript/index.js'),
      `module.exports = require(${JSON.stringify(require.resolve('typescript'))});`,
    );
    const file = folder.file('changing.ts');
    const write = (text: string, more = ''): void =>
      writeFileSync(
        file,
        `import { StreamRequestHandler } from '@socketserver/core';
        export class Changing extends StreamRequestHandler {
          static override module = __filename;
          ${more}
          override handle(): Promise<void> { return this.wfile.write(${text}); }
        }`,
      );
    const answer = async (): Promise<string> => {
      const server = await ThreadingTCPServer.listen(anywhere, handler('Changing', file), { workers: 1 });
      await using test = new Serving(server);
      using peer = await test.connect();
      return await line(peer);
    };
    return { write, answer, cache: join(modulesOf, '.cache/socketserver') };
  }

  it('is compiled once, and again when it or its options have changed', async () => {
    using folder = temporaryFolder();
    const { write, answer, cache } = project(folder);
    write("'one'");
    expect(await answer()).toBe('one');
    const compiled = readdirSync(cache);
    expect(compiled).toHaveLength(1);
    write("'two'");
    expect(await answer()).toBe('two');
    // A field without a value is one, or none: as the project says.
    write("Object.hasOwn(this, 'text') ? 'a field' : 'no field'", 'text!: string;');
    expect(await answer()).toBe('a field');
    const options = { target: 'ES2022', useDefineForClassFields: false };
    writeFileSync(folder.file('tsconfig.json'), JSON.stringify({ compilerOptions: options }));
    expect(await answer()).toBe('no field');
    expect(readdirSync(cache)).toEqual(compiled);
  });
});

describe('a handler for workers', () => {
  it.each<[string, never, RegExp]>([
    [
      'names a file relative to nobody knows what',
      handler('Echo', './echo'),
      /^Echo\.module is '\.\/echo', which is not/,
    ],
    [
      'names a file that is not there',
      handler('Echo', join(modules, 'none.js')),
      /none\.js', which is not the absolute/,
    ],
    [
      'names the address of something else',
      handler('Echo', 'https://example.org/echo.js'),
      /which is not the absolute/,
    ],
    ['names an address that is none', handler('Echo', 'file://%'), /which is not the absolute path/],
    ['names no text', handler('Echo', { file: 'echo.js' }), /Echo\.module is \{ file: 'echo\.js' \}, which is not/],
    [
      'says nothing',
      handler('Echo', undefined),
      /^Echo runs in other .*; add to the class: static override module = __file/,
    ],
    ['has no name', handler('', join(modules, 'named.mjs')), /^a class without a name .*; write: export class Name$/],
    [
      'has inherited its file',
      class Heir extends Greeter {} as never,
      /^Heir runs .* has inherited the file that they would load: '.*greeter\.ts'; add to the class itself: static/,
    ],
  ])('is refused when it %s', async (_what, Handler, message) => {
    const listening = ThreadingTCPServer.listen(anywhere, Handler, { workers: 1 });
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(message);
  });
});
