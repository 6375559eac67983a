import { join } from 'node:path';

import { StreamRequestHandler } from '@socketserver/core';

import { usage } from './usage';

/** Bytes of the answer to `usage`: what reads a stream has to know. */
export const USAGE_LENGTH = 512;

/** Echoes lines, and answers `usage` by what is left where it runs, as JSON with spaces behind. Workers load it from the compiled file. */
export class SoakEcho extends StreamRequestHandler {
  static override readonly module: string = join(__dirname, '../../dist/soak/soak-echo.js');

  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      await this.wfile.write(String(line) === 'usage\n' ? JSON.stringify(await usage()).padEnd(USAGE_LENGTH) : line);
    }
  }
}
