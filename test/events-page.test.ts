/** The page on events, and the events that servers publish: neither has what the other has not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import {
  AsyncTCPServer,
  BaseRequestHandler,
  type CloseReason,
  type TCPServer,
  ThreadingTCPServer,
  channels,
} from '@socketserver/core';
import { RunningServer, expectNoLeaks } from '@socketserver/testing';

expectNoLeaks();

const page = readFileSync(join(__dirname, '..', 'docs', 'events.md'), 'utf8');

/** The sections on channels: `### `name``, then `channels.key`, then a table of fields. */
const sections = [...page.matchAll(/^### `(.*)`\n\n`channels\.(\w+)`, an? `(\w+)`([^]*?)(?=\n##)/gm)].map(
  ([, name = '', key = '', type = '', text = '']) => ({ name, key, type, fields: firstCells(text) }),
);

/** The compiler keeps this in step with the type. */
const reasons: Record<CloseReason, true> = {
  finished: true,
  'peer-closed': true,
  reset: true,
  'protocol-error': true,
  error: true,
  refused: true,
  limit: true,
  'deadline:handshake': true,
  'deadline:firstByte': true,
  'deadline:message': true,
  'deadline:idle': true,
  'deadline:handler': true,
  'deadline:drain': true,
  'deadline:lifetime': true,
  'worker-died': true,
  shutdown: true,
};

describe('the page on events', () => {
  it('has every channel, and no other', () => {
    expect(Object.fromEntries(sections.map(({ key, name }) => [key, name]))).toEqual(channels);
  });

  it('has every field of what is published on them, and no other', async () => {
    const published = await publishedFields();
    const documented = Object.fromEntries(sections.map(({ name, fields }) => [name, fields.sort()]));
    expect(documented).toEqual(published);
  });

  it('names the type of each payload, which core exports', () => {
    const index = readFileSync(join(__dirname, '..', 'packages', 'core', 'src', 'index.ts'), 'utf8');
    expect(sections.filter(({ type }) => !index.includes(`type ${type},`)).map(({ type }) => type)).toEqual([]);
  });

  it('has every reason for which a connection ends, and no other', () => {
    const [, section = ''] = page.split('## Why a connection ended');
    expect(firstCells(section.split('\n## ')[0] ?? '').sort()).toEqual(Object.keys(reasons).sort());
  });
});

/** The code in the first cell of each row. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Obeying } = require('../packages/core/test/fixtures/workers.js') as { Obeying: never };

class Failing extends BaseRequestHandler {
  override handle(): never {
    throw new RangeError('handle');
  }
}

/**
 * By channel, the fields of the events of a server whose handler fails, and then its `handleError()`, and of one whose
 * only worker ends.
 */
async function publishedFields(): Promise<Record<string, string[]>> {
  const fields: Record<string, string[]> = {};
  const listeners = Object.values(channels).map((channel) => {
    const listener = (event: unknown): void => void (fields[channel] = fieldsOf(event as object).sort());
    subscribe(channel, listener);
    return () => unsubscribe(channel, listener);
  });
  try {
    await visit(await AsyncTCPServer.listen(['127.0.0.1', 0], Failing));
    await visit(await ThreadingTCPServer.listen(['127.0.0.1', 0], Obeying, { workers: 1 }), 'exit 3\n');
  } finally {
    for (const end of listeners) end();
  }
  return fields;
}

async function visit(server: TCPServer, order = ''): Promise<void> {
  server.handleError = () => {
    throw new RangeError('handleError');
  };
  await using running = new RunningServer(server);
  using peer = await running.connect();
  if (order !== '') await peer.send(order);
  await peer.ending();
  await server.serverClose();
  await running.done;
}

/** `server`, `report`, `report.finished`, … */
function fieldsOf(event: object): string[] {
  return Object.entries(event).flatMap(([name, value]: [string, unknown]) =>
    name === 'report' ? [name, ...Object.keys(value as object).map((each) => `report.${each}`)] : [name],
  );
}
