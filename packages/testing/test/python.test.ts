import { join } from 'node:path';

import { describeWithPython, endPrograms, python, pythonServer } from '../src';

const file = join(__dirname, 'fixtures', 'port.py');

describeWithPython('Python', () => {
  afterEach(endPrograms);

  it('runs a file with its arguments', async () => {
    const program = python(file, 0, 'a b', 1.5);
    expect(await program.ended).toBe(0);
    expect(program.stdout).toMatch(/^arguments a b 1\.5\nporta \d+\n$/);
  });

  it('starts a server on a free port', async () => {
    const { server, port } = await pythonServer(file, 'x');
    expect(port).toBeGreaterThan(0);
    expect(await server.ended).toBe(0);
    expect(server.stdout).toBe(`arguments x\nporta ${port}\n`);
  });
});
