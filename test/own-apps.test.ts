/** The first use of this project: extending its handler classes in an app of one's own, as its README and docs say. */
import { join } from 'node:path';

import { OwnApp, programsIn } from './own-app';
import { Program, exchange, exchangePackets } from './program';

const pages = [
  'README.md',
  'docs/getting-started.md',
  'docs/choosing-a-strategy.md',
  'docs/writing-a-plugin.md',
  'docs/writing-a-codec.md',
  'docs/differences-from-python.md',
  'docs/porting-from-python.md',
  'docs/writing-a-handler.md',
  'docs/dependency-injection.md',
  'docs/errors.md',
  'docs/events.md',
  'docs/deadlines-and-limits.md',
  'docs/testing-your-handlers.md',
];

let app: OwnApp;
let commonjs: string;
let esm: string;
const running: Program[] = [];

function start(program: Program): Program {
  running.push(program);
  return program;
}

/** Any free port instead of the one that a page names. */
function onFreePort(programs: Map<string, string>): Map<string, string> {
  return new Map([...programs].map(([file, text]) => [file, text.replace(/\b99\d\d\b/, '0')]));
}

beforeAll(async () => {
  app = await OwnApp.create();
  const all = await Promise.all(pages.map((page) => programsIn(page)));
  const [readme = new Map<string, string>()] = all;
  commonjs = await app.compile('cjs', 'commonjs', onFreePort(new Map(all.flatMap((programs) => [...programs]))));
  esm = await app.compile('esm', 'module', onFreePort(readme));
}, 240_000);

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop('SIGKILL');
});

afterAll(() => (app as OwnApp | undefined)?.remove());

it('finds a name of its own for each program of the pages', async () => {
  const names = (await Promise.all(pages.map((page) => programsIn(page)))).flatMap((programs) => [...programs.keys()]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

const lines = 'one\ntwo\nolá\n';

it('runs the echo server of the README like its Python original', async () => {
  const python = (await programsIn('README.md', 'python')).get('echo.py') ?? '';
  const original = start(Program.python(python));
  const port = start(Program.node(join(commonjs, 'echo.js')));
  expect(await exchange(await port.port(), lines, lines)).toBe(lines);
  expect(await exchange(await original.port(), lines, lines)).toBe(lines);
});

it.each([['CommonJS'], ['ES modules']])('runs the programs of the README compiled to %s', async (kind) => {
  const folder = kind === 'CommonJS' ? commonjs : esm;
  const echo = start(Program.node(join(folder, 'echo.js')));
  expect(await exchange(await echo.port(), lines, lines)).toBe(lines);
  expect(await echo.stop()).toBe(0);

  const greeter = start(Program.node(join(folder, 'greeter.js')));
  const greeting = 'Welcome, Ana! You are guest 1.\nWelcome, Rui! You are guest 2.\n';
  expect(await exchange(await greeter.port(), 'Ana\nRui\n', greeting)).toBe(greeting);
  const third = 'Welcome, Eva! You are guest 3.\n';
  expect(await exchange(await greeter.port(), 'Eva\n', third)).toBe(third);
  expect(await greeter.stop()).toBe(0);
});

it('runs the programs of the page on getting started', async () => {
  const shout = start(Program.node(join(commonjs, 'shout.js')));
  expect(await exchange(await shout.port(), 'hello\nquit\n', 'HELLO\n')).toBe('HELLO\n');

  const ending = start(Program.node(join(commonjs, 'ending.js')));
  expect(await ending.end()).toBe(0);
  expect(ending.output).toContain('0 finished, 0 cut');
});

it.each(['sequential', 'async', 'selecting'])('runs a server by the name of its strategy: %s', async (strategy) => {
  const program = start(Program.node(join(commonjs, 'by-name.js'), strategy));
  expect(await exchange(await program.port(), lines, lines)).toBe(lines);
  expect(await program.stop()).toBe(0);
});

it('runs the combination of one’s own from the page on strategies', async () => {
  const own = start(Program.node(join(commonjs, 'own.js')));
  expect(await exchange(await own.port(), lines, lines)).toBe(lines);
  await own.says(/idle after \d+ turns/);
});

it('runs the threads and the children of the page on strategies', async () => {
  const digits = start(Program.node(join(commonjs, 'digits.js')));
  expect(await exchange(await digits.port(), '145\n', '145\n')).toBe('145\n');
  expect(await digits.stop()).toBe(0);
  const pool = start(Program.node(join(commonjs, 'pool.js')));
  expect(await exchange(await pool.port(), lines, lines)).toBe(lines);
  expect(await pool.stop()).toBe(0);
});

it('runs the greeting of the page on differences', async () => {
  const differences = start(Program.node(join(commonjs, 'differences.js')));
  const reply = 'Who are you?\nHello, Ana!\n';
  expect(await exchange(await differences.port(), 'Ana\n', reply)).toBe(reply);
});

it('runs the codecs of the page on codecs', async () => {
  const sums = start(Program.node(join(commonjs, 'sums.js')));
  expect(await exchange(await sums.port(), '{"add":[1,2]}\n{"add":[]}\n', '{"sum":3}\n{"sum":0}\n')).toBe(
    '{"sum":3}\n{"sum":0}\n',
  );
  const check = start(Program.node(join(commonjs, 'varint-check.js')));
  expect(await check.end()).toBe(0);
  expect(check.output).toContain('the same at all 307 splits');

  const upgraded = start(Program.node(join(commonjs, 'read-upgrade.js')));
  expect(await upgraded.end()).toBe(0);
  expect(upgraded.output).toContain('line: HELLO\nline: BINARY\nmessage: a\nb\n');
});

it('runs the plugins of the page on plugins by the installed command', async () => {
  const command = join(app.folder, 'node_modules', '.bin', 'socketserver');
  const serve = (plugin: string, ...more: string[]) =>
    start(Program.node(command, 'serve', join(commonjs, plugin), '--port', '0', ...more));

  const reverse = serve('reverse.js', '--strategy', 'selecting', '--set', 'mark=!');
  await reverse.says(/^listening on tcp:\/\/127\.0\.0\.1:\d+ \(selecting\)$/m);
  expect(await exchange(await reverse.port(), 'olá\n', 'álo!\n')).toBe('álo!\n');
  expect(await reverse.stop()).toBe(0);

  const tally = serve('tally.js');
  const port = await tally.port();
  expect(await exchange(port, 'a\nb\na\n', 'a 1\nb 1\na 2\n')).toBe('a 1\nb 1\na 2\n');

  const ask = async (...args: string[]) => {
    const program = start(Program.node(join(commonjs, 'ask-tally.js'), ...args));
    return [await program.end(), program.printed];
  };
  expect(await ask('a', '--port', String(port))).toEqual([0, 'a 3\n']);
  expect(await ask('a', '--port', '70000', '--lang', 'en')).toEqual([
    2,
    'error: --port "70000": expected a number from 1 to 65535\n',
  ]);
  expect(await tally.stop()).toBe(0);
  expect(await ask('a', '--port', String(port))).toEqual([1, 'Sem resposta: conexão recusada\n']);
});

it.each([
  'porting-from-python',
  'writing-a-handler',
  'dependency-injection',
  'errors',
  'events',
  'deadlines-and-limits',
])('runs the programs of docs/%s.md that say what they print', async (page) => {
  const programs = [...(await programsIn(`docs/${page}.md`))].filter(([, text]) => text.includes('// → '));
  expect(programs).not.toEqual([]);
  for (const [file, text] of programs) {
    const program = start(Program.node(join(commonjs, file.replace(/ts$/, 'js'))));
    const exitCode = await program.end();
    const promised = Array.from(text.matchAll(/^\/\/ → (.*\n)/gm), ([, line]) => line).join('');
    expect({ file, exitCode, printed: program.printed }).toEqual({ file, exitCode: 0, printed: promised });
  }
});

it.each([
  ['upper.py', 'upper.js', exchange],
  ['upper_line.py', 'upper-line.js', exchange],
  ['upper_packet.py', 'upper-packet.js', exchangePackets],
])('runs %s of the page on porting like %s', async (python, javascript, ask) => {
  const original = start(Program.python((await programsIn('docs/porting-from-python.md', 'python')).get(python) ?? ''));
  const port = start(Program.node(join(commonjs, javascript)));
  for (const program of [original, port]) {
    expect(await ask(await program.port(), 'hello, world\n', 'HELLO, WORLD')).toBe('HELLO, WORLD');
  }
});

it('runs the server in a thread of the page on porting, which prints what its port does', async () => {
  const python = (await programsIn('docs/porting-from-python.md', 'python')).get('in_thread.py') ?? '';
  const original = start(new Program('python3', ['-c', python]));
  const port = start(Program.node(join(commonjs, 'beside.js')));
  expect(await original.end()).toBe(0);
  expect(await port.end()).toBe(0);
  expect(port.printed).toBe(original.printed);
});

it('runs the server like http.server of the page on porting', async () => {
  const pages = start(Program.node(join(commonjs, 'pages.js')));
  const port = await pages.port();
  const requests = 'GET /a HTTP/1.1\r\nHost: here\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n';
  const replies = ['a', 'b'].map((name) => {
    const body = `GET /${name} at 127.0.0.1:${port}\n`;
    return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
  expect(await exchange(port, requests, replies.join(''))).toBe(replies.join(''));
});

it('runs the programs of the page on testing', async () => {
  for (const [program, promise] of [
    ['guestbook-test.js', 'the guestbook keeps its promises'],
    ['idle-test.js', 'a silent peer goes after a minute'],
    ['every-strategy-test.js', 'the same under sequential, async, selecting'],
  ] as const) {
    const test = start(Program.node(join(commonjs, program)));
    expect(await test.end()).toBe(0);
    expect(test.output).toContain(promise);
  }

  const bounded = start(Program.node(join(commonjs, 'bounded.js')));
  expect(await exchange(await bounded.port(), lines, lines)).toBe(lines);
  expect(await bounded.stop()).toBe(0);
});
