import { PassThrough, Writable } from 'node:stream';
import { RunStreams } from '../src/run-streams';
import { written } from './written';

describe('RunStreams', () => {
  it('reports at the end what was dropped because nobody read', async () => {
    let release: () => void = () => {};
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        release = done;
      },
    });
    const stderr = new PassThrough();
    const streams = new RunStreams({ stdout, stderr }, 'info', () => {});
    const megabyte = 'x'.repeat(1_048_576);
    for (let i = 0; i < 4; i += 1) streams.output.write(megabyte);
    expect(stdout.writableLength).toBe(1_048_576);
    const released = streams.release();
    release();
    await released;
    expect(written(stderr)).toMatch(/"dropped":3,"msg":"a reader did not keep up: texts of the output were dropped"/);
  });

  it('uses the output and the logger that it is given, and then touches no stream', async () => {
    const given = new RunStreams({ stdout: new PassThrough(), stderr: new PassThrough() }, 'info', () => {});
    const streams = new RunStreams({ output: given.output, logger: given.logger }, 'info', () => {});
    expect(streams.output).toBe(given.output);
    expect(streams.logger).toBe(given.logger);
    await Promise.all([streams.release(), given.release()]);
    expect(process.stdout.listenerCount('drain')).toBe(0);
  });
});
