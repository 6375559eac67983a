import { inspect } from 'node:util';

import type { Address } from '@socketserver/socket';

const RULE = '-'.repeat(40);

/** What Python's `handle_error()` prints: two rules, and between them whose request failed and why. */
export function errorBanner(error: unknown, clientAddress: Address): string {
  const from =
    typeof clientAddress === 'string' ? `'${clientAddress}'` : `('${clientAddress[0]}', ${clientAddress[1]})`;
  const head = `Exception occurred during processing of request from ${from}`;
  return `${RULE}\n${escapeControls(head)}\n${escapeControls(inspect(error))}\n${RULE}\n`;
}

/** A peer's bytes can be part of an error's text; no terminal should obey them. */
function escapeControls(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
