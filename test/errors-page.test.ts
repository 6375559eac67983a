/** The page on errors, and the errors that there are: neither has what the other has not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as core from '@socketserver/core';
import * as framing from '@socketserver/framing';
import * as host from '@socketserver/host';
import * as socket from '@socketserver/socket';

import { errorsInSources } from './errors-in-sources';

const page = readFileSync(join(__dirname, '..', 'docs', 'errors.md'), 'utf8');

/** Rows of tables that begin with a class and its codes; a root class may have no code of its own. */
const rows = [...page.matchAll(/^\| +`(\w+Error)` +\| +(.*?) +\|/gm)].map(([, name = '', codes = '']) => ({
  name,
  codes: [...codes.matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(([, code = '']) => code),
}));

const classes = [socket, framing, core, host].flatMap((exported) =>
  Object.entries(exported).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'function' && value.prototype instanceof Error ? [name] : [],
  ),
);

describe('the page on errors', () => {
  it('has every class of errors that a package exports, and no other', () => {
    expect(
      difference(
        rows.map(({ name }) => name),
        classes,
      ),
    ).toEqual(none);
  });

  it('has every code that a class is made with, and no other', () => {
    const documented = rows.flatMap(({ name, codes }) => codes.map((code) => `${name} ${code}`));
    expect(difference(documented, errorsInSources(['socket', 'framing', 'core', 'host']))).toEqual(none);
  });

  it('names no class and no code in its text that is not in a table', () => {
    const named = [...page.matchAll(/`(\w+Error|[A-Z]+_[A-Z_]+|E[A-Z]{3,})`/g)].map(([, name = '']) => name);
    const inTables = [...rows.flatMap(({ name, codes }) => [name, ...codes]), 'OSError'];
    expect(named.filter((name) => !inTables.includes(name))).toEqual([]);
  });
});

const none = { notOnThePage: [], notInTheCode: [] };

function difference(documented: readonly string[], existing: readonly string[]): object {
  return {
    notOnThePage: existing.filter((each) => !documented.includes(each)),
    notInTheCode: documented.filter((each) => !existing.includes(each)),
  };
}
