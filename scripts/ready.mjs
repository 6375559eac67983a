// Makes a checkout ready to run: installs the packages and compiles the sources, each only when something changed.
// It uses nothing but Node, because in a fresh clone nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.ready');
const onWindows = process.platform === 'win32';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old: this project needs Node 20.19 or later (https://nodejs.org).`);
}

if (!isInstalled()) {
  say('Installing packages (npm ci)…');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

const sources = digest(
  ['packages', 'examples']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .flatMap((home) => [...fingerprint(join(home, 'src')), ...fingerprint(join(home, 'tsconfig.json'))])
    .concat(fingerprint(join(root, 'tsconfig.json')), fingerprint(join(root, 'tsconfig.base.json')))
    .join('\n'),
);
if (readStamp() !== sources || !isBuilt()) {
  say('Compiling (tsc -b)…');
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], false);
  writeFileSync(stampFile, sources);
}

/** npm writes its own note of what it has installed at the very end, so an older or missing one means: again. */
function isInstalled() {
  const note = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return note !== undefined && note.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** One line per file: its path, size and time of change. A changed line means that it must be compiled again. */
function fingerprint(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [`${path} ${stats.size} ${stats.mtimeMs}`];
  return readdirSync(path).flatMap((name) => fingerprint(join(path, name)));
}

function isBuilt() {
  return ['packages', 'examples'].every((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => existsSync(join(root, folder, name, 'src', 'index.ts')))
      .every((name) => existsSync(join(root, folder, name, 'dist', 'index.js'))),
  );
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
}

function digest(value) {
  return createHash('sha256').update(value).digest('hex');
}

function run(command, args, shell = onWindows) {
  const { status, error } = spawnSync(command, args, { cwd: root, shell, stdio: ['ignore', 2, 2] });
  if (error) fail(`Could not run ${command}: ${error.message}`);
  if (status !== 0) fail(`\`${command} ${args.join(' ')}\` failed; the lines above say why.`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
