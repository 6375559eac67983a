// Runs tests on another Node than the one that is installed:
//
//   node scripts/other-nodes.mjs 22 packages/socket/test/hand-off packages/testing
//
// That Node comes from the npm package node-<system>-<processor>, which contains nothing but the program (190 MB). It is
// kept in the user's cache folder, outside the workspace, and fetched again when it is not there. The checkout must be
// installed and compiled. If the Node cannot be had, the tests did not run, and that is a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const onWindows = process.platform === 'win32';

const [major = '', ...tests] = process.argv.slice(2);
if (!/^\d+$/.test(major) || tests.length === 0) {
  fail('Say which Node, and which tests: node scripts/other-nodes.mjs 22 packages/socket/test/hand-off');
}

const node = kept() ?? fetched();
say(`Tests on Node ${versionOf(node)}`);
const { status, error } = spawnSync(node, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...tests], {
  cwd: root,
  stdio: 'inherit',
  // Programs that tests start by the name `node` are to be this one as well.
  env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
});
if (error) fail(`Could not run ${node}: ${error.message}`);
process.exitCode = status ?? 1;

function folder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'socketserver-nodes', major);
}

function packageName() {
  return `node-${onWindows ? 'win' : process.platform}-${process.arch}`;
}

/** The program, if it is in the cache and runs. */
function kept() {
  const program = join(folder(), 'node_modules', packageName(), 'bin', onWindows ? 'node.exe' : 'node');
  return versionOf(program)?.startsWith(`v${major}.`) ? program : undefined;
}

function versionOf(program) {
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** The program, from npm's registry: one attempt. */
function fetched() {
  const wanted = `${packageName()}@${major}`;
  say(`Fetching ${wanted} into ${folder()} (once)…`);
  mkdirSync(folder(), { recursive: true });
  // A package of its own: npm would otherwise look for one in the folders above.
  writeFileSync(join(folder(), 'package.json'), '{ "private": true }\n');
  const flags = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--loglevel=error'];
  const { status, error } = spawnSync('npm', ['install', '--prefix', folder(), ...flags, wanted], {
    cwd: folder(),
    shell: onWindows,
    stdio: ['ignore', 2, 2],
  });
  const program = kept();
  if (program === undefined) {
    const why = error?.message ?? (status === 0 ? 'it holds no such Node' : `npm ended with exit code ${status}`);
    fail(`Node ${major} cannot be had, so its tests did not run: npm install ${wanted}: ${why}.`);
  }
  return program;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
