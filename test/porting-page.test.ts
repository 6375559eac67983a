/** The page on porting has every public name of the `socketserver` module of the Python that is installed here. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  AsyncTCPServer,
  AsyncUDPServer,
  BaseRequestHandler,
  ForkingTCPServer,
  ThreadingTCPServer,
} from '@socketserver/core';

import { programsIn } from './own-app';

const PAGE = 'docs/porting-from-python.md';
const page = readFileSync(join(__dirname, '..', PAGE), 'utf8');
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

const anywhere = ['127.0.0.1', 0] as const;
const renamed: Record<string, string> = { process_request_thread: 'processRequestTask' };

it.each([
  ['BaseServer', new AsyncTCPServer(anywhere, BaseRequestHandler)],
  ['TCPServer', new AsyncTCPServer(anywhere, BaseRequestHandler)],
  ['UDPServer', new AsyncUDPServer(anywhere, BaseRequestHandler)],
  ['ThreadingMixIn', new ThreadingTCPServer(anywhere, BaseRequestHandler)],
  ['ForkingMixIn', new ForkingTCPServer(anywhere, BaseRequestHandler)],
])('promises the methods and fields of %s by names that exist here', (name, server) => {
  const members = python.get(name) ?? [];
  expect(members).not.toEqual([]);
  const missing = members
    .map((member) => renamed[member] ?? member.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase()))
    .filter((member) => !(member in server) || !page.includes(`\`${member}`));
  expect(missing).toEqual([]);
});

// What the TypeScript beside it prints is compared with the same lines where all programs of the page run.
it('has a program with threads whose original in Python prints what its port promises', async () => {
  const original = (await programsIn(PAGE, 'python')).get('votes.py') ?? '';
  const port = (await programsIn(PAGE)).get('votes.ts') ?? '';
  const promised = Array.from(port.matchAll(/^\/\/ → (.*\n)/gm), ([, line]) => line).join('');
  expect(promised).not.toBe('');
  expect(execFileSync('python3', ['-c', original], { encoding: 'utf8' })).toBe(promised);
});
