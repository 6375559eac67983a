/** An empty folder for each test that asks, for paths of sockets and files; removed after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let made: string | null = null;

/** A path in the test's folder; without a name the folder itself. */
export function folder(name = ''): string {
  made ??= mkdtempSync(join(tmpdir(), 'socket-'));
  return join(made, name);
}

afterEach(() => {
  if (made !== null) rmSync(made, { recursive: true });
  made = null;
});
