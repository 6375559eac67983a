/** The options of the command as core takes them: there, what is off is left out. */
import type { ServerOptions } from '@socketserver/core';
import type { ServeOptions } from './options';

export function coreOptions(values: ServeOptions): ServerOptions {
  const { allow, deny, drainTimeout, overflow } = values;
  return {
    allow,
    deny,
    drainTimeout,
    overflow,
    workers: unlessOff(values.workers),
    maxConnections: unlessOff(values.maxConnections),
    maxConnectionsPerAddress: unlessOff(values.maxConnectionsPerAddress),
    deadlines: {
      handshake: unlessOff(values.handshakeTimeout),
      firstByte: unlessOff(values.firstByteTimeout),
      message: unlessOff(values.messageTimeout),
      idle: unlessOff(values.idleTimeout),
      handler: unlessOff(values.handlerTimeout),
      drain: unlessOff(values.sendTimeout),
      lifetime: unlessOff(values.lifetime),
    },
  };
}

function unlessOff(value: number): number | undefined {
  return value === 0 ? undefined : value;
}
