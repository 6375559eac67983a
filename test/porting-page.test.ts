/** The page on porting has every public name of the `socketserver` module of the Python that is installed here. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { AsyncTCPServer, AsyncUDPServer, BaseRequestHandler } from '@socketserver/core';

const page = readFileSync(join(__dirname, '..', 'docs', 'porting-from-python.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| '));

const listing = `
import socketserver
for name in socketserver.__all__:
    print(name, *(each for each in vars(getattr(socketserver, name)) if not each.startswith("_")))
`;
/** By class, its methods and fields. */
const python = new Map(
  execFileSync('python3', ['-c', listing], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', ...members]) => [name, members] as const),
);

it('names every class, method and field of Python’s', () => {
  const names = [...python].flatMap(([name, members]) => [name, ...members]);
  expect(
    names.filter((name) => !rows.some((row) => new RegExp(`\\b${name}\\b`).test(row.split(' | ')[0] ?? ''))),
  ).toEqual([]);
});

it('promises the servers’ methods and fields by names that exist here', () => {
  const anywhere = ['127.0.0.1', 0] as const;
  const servers = [new AsyncTCPServer(anywhere, BaseRequestHandler), new AsyncUDPServer(anywhere, BaseRequestHandler)];
  const renamed: Record<string, string> = { process_request_thread: 'processRequestTask' };
  const members = ['BaseServer', 'TCPServer', 'UDPServer', 'ThreadingMixIn'].flatMap((name) => python.get(name) ?? []);
  const missing = members
    .filter((name) => !rows.some((row) => row.includes(`\`${name}\``) && row.includes('not there yet')))
    .map((name) => renamed[name] ?? name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase()))
    .filter((name) => !servers.some((server) => name in server) || !page.includes(`\`${name}`));
  expect(missing).toEqual([]);
});
