import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Requirement } from './requirement';

const program = require.resolve('jest/bin/jest');
const passing = `test('passes', () => undefined); describe('each', () => test.each(['sequential', 'async', 'selecting'])('%s', () => undefined));`;

/** A project of its own with one file of tests, and this reporter. */
class Project {
  readonly #folder = mkdtempSync(join(tmpdir(), 'conformance-'));

  constructor(tests: string, ...requirements: Requirement[]) {
    mkdirSync(join(this.#folder, 'docs'));
    this.write('docs/differences-from-python.md', '| `a = 5` | `a = 7` | more |\n');
    this.write('one.test.js', tests);
    const reporter = [join(__dirname, 'reporter.cjs'), { sections: [{ title: 'A', requirements }] }];
    this.write(
      'jest.config.json',
      JSON.stringify({ testMatch: ['**/*.test.js'], transform: {}, watchman: false, reporters: [reporter] }),
    );
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }

  get page(): string {
    try {
      return readFileSync(join(this.#folder, 'docs/python-conformance.md'), 'utf8');
    } catch {
      return '';
    }
  }

  /** Runs its tests; gives whether that went well, and what was said. */
  run(...args: string[]): Promise<{ passed: boolean; said: string }> {
    return new Promise((resolve) => {
      const options = ['-i', ...(args.includes('--ci') ? [] : ['--ci=false']), ...args];
      const argv = [program, '--rootDir', this.#folder, '--config', join(this.#folder, 'jest.config.json'), ...options];
      execFile(process.execPath, argv, { cwd: this.#folder }, (error, _stdout, stderr) => {
        resolve({ passed: error === null, said: stderr });
      });
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

const shown: Requirement = { id: 'shown', python: 'passes', shown: [['one.test.js', 'passes', 'each {strategy}']] };

const another: Requirement = { id: 'another', python: 'b', shown: [['one.test.js', 'passes']] };

describe('the reporter', () => {
  it('writes the page when all tests have passed, and leaves a page that is right alone', async () => {
    using project = new Project(passing, shown, { id: 'departs', python: '`a = 5`', departure: '`a = 5`' });
    const first = await project.run();
    expect(first).toEqual({ passed: true, said: '\ndocs/python-conformance.md has changed: commit it\n\n' });
    expect(project.page).toMatch(/\| passes +\| the same +\| \[passes\]\(\.\.\/one\.test\.js\)/);
    expect(project.page).toContain('**Differs:** `a = 7` (more)');
    expect(await project.run()).toEqual({ passed: true, said: '' });
  });

  it('fails the run and names each test that is missing, skipped or failed', async () => {
    using project = new Project(
      `test('passes', () => undefined); test.skip('is skipped', () => undefined); test('fails', () => expect(1).toBe(2));
      test('twice', () => expect(1).toBe(2)); test('twice', () => undefined); test.todo('is to come');`,
      another,
      {
        id: 'names',
        python: 'b',
        shown: [['one.test.js', 'is skipped', 'fails', 'twice', 'is to come', 'is missing']],
      },
      { id: 'each', python: 'c', shown: [['one.test.js', 'in {strategy}']] },
      { id: 'file', python: 'd', shown: [['two.test.js', 'passes']] },
    );
    const { passed, said } = await project.run();
    expect(passed).toBe(false);
    expect(said.trim().split('\n  ')).toEqual([
      'docs/python-conformance.md is not written:',
      'names: one.test.js, "is skipped": skipped',
      'names: one.test.js, "fails": failed',
      'names: one.test.js, "twice": failed',
      'names: one.test.js, "is to come": todo',
      'names: one.test.js has no test "is missing"',
      'each: one.test.js has no test "in sequential"',
      'each: one.test.js has no test "in async"',
      'each: one.test.js has no test "in selecting"',
      'file: two.test.js did not run',
    ]);
    expect(project.page).toBe('');
  });

  it('fails the run only for what is not shown, when every test has passed', async () => {
    using project = new Project(passing, { id: 'missing', python: 'b', shown: [['one.test.js', 'renamed']] });
    expect(await project.run()).toEqual({
      passed: false,
      said: '\ndocs/python-conformance.md is not written:\n  missing: one.test.js has no test "renamed"\n\n',
    });
  });

  it('fails the run when a departure is not among the differences', async () => {
    using project = new Project(passing, { ...shown, departure: '`b = 5`' });
    const { passed, said } = await project.run();
    expect(passed).toBe(false);
    expect(said).toContain('shown: docs/differences-from-python.md has no row "`b = 5`"');
  });

  it.each([[['one']], [['-t', 'passes']], [['--shard=1/1']], [['--bail']], [['--onlyFailures']]])(
    'does nothing in a run of some tests: %j',
    async (args) => {
      using project = new Project(passing, { ...shown, shown: [['two.test.js', 'missing']] });
      expect(await project.run('--passWithNoTests', ...args)).toEqual({ passed: true, said: '' });
      expect(project.page).toBe('');
    },
  );

  it('writes nothing where nobody will commit it, but fails when the page is out of date, and says what to do', async () => {
    using project = new Project(passing, shown);
    const { passed, said } = await project.run('--ci');
    expect(passed).toBe(false);
    expect(said).toContain('Run `npm test -- --ci=false` and commit it.');
    expect(project.page).toBe('');
    await project.run();
    expect(await project.run('--ci')).toEqual({ passed: true, said: '' });
  });

  it('writes nothing where an optional package is missing, and says so', async () => {
    using project = new Project(
      `${passing} test.skip('needs it', () => undefined);`,
      { id: 'needing', python: 'b', shown: [['one.test.js', 'needs it']], needs: 'no-such-package' },
      another,
    );
    const { passed, said } = await project.run();
    expect(passed).toBe(true);
    expect(said).toMatch(/is out of date, and not written: 1 requirements need a package that is not here/);
    expect(project.page).toBe('');
  });
});
