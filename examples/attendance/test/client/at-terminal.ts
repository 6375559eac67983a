import { once } from 'node:events';
import { join } from 'node:path';

import { Program } from '@socketserver/testing';

import { Screen } from './screen';

export const CTRL_C = '\x03';
export const CTRL_D = '\x04';
export const CTRL_Z = '\x1a';

/** A fixture in Python. */
export const fixture = (name: string): string => join(__dirname, '..', 'fixtures', `${name}.py`);

/** The command line of a client. */
export function commandOf(name: 'teacher' | 'student', port: number, ...flags: string[]): string[] {
  return [
    process.execPath,
    join(__dirname, '..', '..', 'dist', `${name}-command.js`),
    '--port',
    String(port),
    ...flags,
  ];
}

/** What a person's environment says of colours; Node shows none where CI is set. */
const colourful = { CI: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm-256color' };

/** A program at a real terminal, and what the screen shows. */
export class AtTerminal {
  readonly screen: Screen;
  readonly program: Program;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = {}, columns = 100) {
    this.screen = new Screen(columns);
    this.program = new Program('python3', ['-u', fixture('in_terminal'), String(columns), ...command], {
      env: { ...process.env, ...colourful, ...env },
    });
    this.program.process.stdout.on('data', (text: string) => this.screen.write(text));
  }

  press(keys: string): void {
    this.program.process.stdin.write(keys);
  }

  /** Resolves with the match when what is on the screen fits. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.program.ended.then((end) => ({ end }));
    for (;;) {
      const match = pattern.exec(this.screen.rows.join('\n'));
      if (match !== null) return match;
      const over = await Promise.race([once(this.screen, 'shown').then(() => undefined), ended]);
      if (over === undefined) continue;
      throw new Error(`ended with ${over.end} before it showed ${pattern}:\n${this.screen.raw}`);
    }
  }
}
