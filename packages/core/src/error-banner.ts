import { inspect } from 'node:util';

import type { Address } from '@socketserver/socket';

import { reasonOf } from './close-reason';
import { escapeControls } from './escape-controls';

const RULE = '-'.repeat(40);

/** What Python's `handle_error()` prints: two rules, and between them whose request failed and why. */
export function errorBanner(error: unknown, clientAddress: Address): string {
  const from =
    typeof clientAddress === 'string' ? `'${clientAddress}'` : `('${clientAddress[0]}', ${clientAddress[1]})`;
  const head = `Exception occurred during processing of request from ${from}`;
  // Where a peer's mistake was noticed helps nobody, and a stack for each is a way to fill disks.
  const text = reasonOf(error) === 'protocol-error' ? String(error) : inspect(error);
  return `${RULE}\n${escapeControls(head)}\n${escapeControls(text, '\n')}\n${RULE}\n`;
}
