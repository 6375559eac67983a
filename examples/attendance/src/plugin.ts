import { join } from 'node:path';

import { type DependencyContainer, type InjectionToken, shared } from '@socketserver/core';
import { definePlugin } from '@socketserver/host';

import { AttendanceHandler } from './attendance-handler';
import { DurableRoll } from './durable-roll';
import { Roll } from './roll';
import { RollStore } from './roll-store';
import { settings } from './settings';
import { SqliteStore } from './sqlite-store';
import { inLanguage } from './storage-texts';

/** The roll call, for `socketserver serve attendance`. */
export const attendance = definePlugin({
  name: 'attendance',
  description: 'A roll call: teachers open and close it, students register',
  handler: AttendanceHandler,
  settings,
  // Threads and processes load compiled code, also when this file runs as TypeScript.
  module: join(__dirname, '../dist/index.js'),
  defaults: {
    address: ['127.0.0.1', 5050],
    strategy: 'async',
    // A school behind one address, and not so many that one machine could keep all others out.
    maxConnectionsPerAddress: 1024,
    // A teacher may say nothing between the beginning and the end of a day; what is half said is given up after a second.
    // The other two are peers that drip bytes, or do not read what they asked for.
    deadlines: { idle: 43_200_000, message: 30_000, drain: 30_000 },
  },
  shared: [shared(Roll, DurableRoll)],
  // A teacher stays connected, and every student would wait for him.
  concurrent: true,
  configure(container) {
    container.register(RollStore as InjectionToken<RollStore>, { useClass: SqliteStore });
  },
  async start({ container, settings: { lang }, output }) {
    try {
      await rollOf(container).restore();
    } catch (error) {
      throw inLanguage(error, lang);
    }
    output.write('Servidor está escutando...\n');
  },
  async stop({ container }) {
    await rollOf(container).end();
  },
});

/** The one instance, with what only the server's process may call. */
function rollOf(container: DependencyContainer): DurableRoll {
  return container.resolve(Roll as InjectionToken<Roll>) as DurableRoll;
}
