import { join } from 'node:path';

import { type InjectionToken, shared } from '@socketserver/core';
import { definePlugin } from '@socketserver/host';

import { HostTable } from './host-table';
import { MemoryHostTable } from './memory-host-table';
import { MonitorHandler } from './monitor-handler';
import { settings } from './settings';
import { texts } from './texts';

/** The monitor's hub, for `socketserver serve monitor`. */
export const monitor = definePlugin({
  name: 'monitor',
  description: 'CPU load and available memory of many machines, a frame of 67 bytes every 3 seconds',
  handler: MonitorHandler,
  settings,
  // Threads and processes load compiled code, also when this file runs as TypeScript.
  module: join(__dirname, '../dist/index.js'),
  defaults: {
    address: ['127.0.0.1', 5000],
    strategy: 'selecting',
    pollInterval: 2000,
    // A frame takes one segment, and comes every 3 seconds: ten silent seconds in its middle, or thirty between two, are
    // a peer that is gone.
    deadlines: { message: 10_000, idle: 30_000 },
  },
  shared: [shared(HostTable, MemoryHostTable)],
  start({ logger, settings, server }) {
    if (!server.concurrent) logger.warn({}, texts[settings.lang].oneAtATime);
  },
  async stop({ logger, server }) {
    const hosts = server.container.resolve(HostTable as InjectionToken<HostTable>);
    logger.info(await hosts.counters(), 'what came since the start');
  },
  idle({ output }) {
    output.write('Fazendo qualquer processamento\n\n');
  },
});
