import { channel } from 'node:diagnostics_channel';
import { channels, ConnectionResetError, Logger, type ServerView, WorkerDiedError } from '@socketserver/core';
import { MalformedMessageError } from '@socketserver/framing';
import { TooManyOpenFilesError } from '@socketserver/socket';
import { logEvents } from '../src/log-events';

class ListLogger extends Logger {
  readonly lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  readonly #add = (level: string) => (fields: object, message: string) =>
    void this.lines.push({ level, fields: { ...fields }, message });
  override debug = this.#add('debug');
  override info = this.#add('info');
  override warn = this.#add('warn');
  override error = this.#add('error');
}

const server = {} as ServerView;
const connection = { server, id: 7, clientAddress: ['::1', 4000] as const };
let logger: ListLogger;
let end: () => void;

beforeEach(() => {
  logger = new ListLogger();
  end = logEvents(logger, server);
});

afterEach(() => end());

const stop = (reason: string) =>
  channel(channels.connectionStop).publish({ ...connection, reason, durationMs: 5, bytesRead: 1, bytesWritten: 2 });

describe('logEvents()', () => {
  it('tells of connections with id and peer', () => {
    channel(channels.connectionStart).publish(connection);
    stop('peer-closed');
    expect(logger.lines).toEqual([
      { level: 'debug', fields: { id: 7, peer: '[::1]:4000' }, message: 'connection started' },
      {
        level: 'debug',
        fields: { id: 7, peer: '[::1]:4000', reason: 'peer-closed', durationMs: 5, bytesRead: 1, bytesWritten: 2 },
        message: 'connection ended: peer-closed',
      },
    ]);
  });

  it.each([
    ['finished', 'debug'],
    ['reset', 'info'],
    ['refused', 'info'],
    ['limit', 'info'],
    ['deadline:handshake', 'info'],
    ['deadline:firstByte', 'info'],
    ['deadline:message', 'info'],
    ['deadline:idle', 'info'],
    ['deadline:drain', 'info'],
    ['deadline:lifetime', 'info'],
    ['deadline:handler', 'warn'],
    ['protocol-error', 'warn'],
    ['shutdown', 'warn'],
    ['a reason of the future', 'warn'],
  ])('logs the end "%s" as %s', (reason, level) => {
    stop(reason);
    expect(logger.lines.map((line) => line.level)).toEqual([level]);
  });

  it('tells failures of handlers from faults of peers', () => {
    channel(channels.requestError).publish({ ...connection, error: new RangeError('x') });
    const fault = new MalformedMessageError('not UTF-8', Buffer.from([0xff]));
    channel(channels.requestError).publish({ ...connection, error: fault });
    channel(channels.requestError).publish({ ...connection, error: new ConnectionResetError('gone', 'ECONNRESET') });
    expect(logger.lines.map((line) => line.level)).toEqual(['error', 'warn']);
    expect(logger.lines[1]!.fields).toEqual({
      id: 7,
      peer: '[::1]:4000',
      code: 'ERR_MALFORMED_MESSAGE',
      fault: expect.stringContaining('not UTF-8') as string,
      bytes: 'ff',
    });
  });

  it('warns when descriptors run short, with what to do about it', () => {
    const error = new TooManyOpenFilesError('60 of 60 are open; raise `ulimit -n`', 'EMFILE');
    channel(channels.serverError).publish({ server, error });
    channel(channels.serverError).publish({ server, error: new RangeError('x') });
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', '60 of 60 are open; raise `ulimit -n`'],
      ['error', 'the server had an error and goes on'],
    ]);
  });

  it('tells of workers: that one has died by its reason, that one could not be loaded by its error', () => {
    channel(channels.workerStart).publish({ server, worker: 'thread 1' });
    const died = new WorkerDiedError('thread 1', 'it has ended with exit code 3');
    channel(channels.workerError).publish({ server, worker: 'thread 1', error: died, retryMs: 0 });
    const failure = new SyntaxError('x');
    channel(channels.workerError).publish({ server, worker: 'thread 2', error: failure, retryMs: 100 });
    const ended = { worker: 'thread 1', reason: 'it has ended with exit code 3', served: 4, durationMs: 5 };
    channel(channels.workerStop).publish({ server, ...ended });
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['debug', { worker: 'thread 1' }],
      ['error', { worker: 'thread 1', reason: died.message, retryMs: 0 }],
      ['error', { worker: 'thread 2', error: failure, retryMs: 100 }],
      ['debug', ended],
    ]);
  });

  it('names at most twenty of the peers that were cut', () => {
    const cut = Array.from({ length: 30 }, (_, id) => ({ id, clientAddress: ['h', id] }));
    channel(channels.serverStop).publish({ server, report: { durationMs: 1, finished: 2, cut } });
    channel(channels.serverStop).publish({ server, report: { durationMs: 1, finished: 2, cut: [] } });
    expect(logger.lines.map((line) => line.level)).toEqual(['warn', 'info']);
    expect(logger.lines[0]!.fields).toMatchObject({ cut: 30 });
    expect(logger.lines[0]!.fields.peers).toHaveLength(20);
  });

  it('is deaf to other servers, and after its end', () => {
    channel(channels.connectionStart).publish({ ...connection, server: {} });
    end();
    channel(channels.connectionStart).publish(connection);
    expect(logger.lines).toEqual([]);
  });

  it('hurts nobody when a line cannot be logged', () => {
    expect(() => channel(channels.connectionStart).publish({ server })).not.toThrow();
    logger.debug = () => {
      throw new RangeError('the disk is full');
    };
    expect(() => channel(channels.connectionStart).publish(connection)).not.toThrow();
  });
});
