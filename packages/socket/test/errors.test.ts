import * as errors from '../src/errors';

const { SocketError, socketError, socketErrorOfEvent, systemError, timedOut } = errors;

describe('socketError', () => {
  it.each([
    ['EACCES', errors.PermissionError],
    ['EADDRINUSE', errors.AddressInUseError],
    ['EADDRNOTAVAIL', errors.AddressNotAvailableError],
    ['EAFNOSUPPORT', errors.UnsupportedError],
    ['EAGAIN', errors.BlockingIOError],
    ['EAI_AGAIN', errors.GetAddressInfoError],
    ['ECONNABORTED', errors.ConnectionAbortedError],
    ['ECONNREFUSED', errors.ConnectionRefusedError],
    ['ECONNRESET', errors.ConnectionResetError],
    ['EDESTADDRREQ', errors.SocketStateError],
    ['EHOSTUNREACH', errors.UnreachableError],
    ['EISCONN', errors.SocketStateError],
    ['EMFILE', errors.TooManyOpenFilesError],
    ['EMSGSIZE', errors.SocketError],
    ['ENETDOWN', errors.UnreachableError],
    ['ENETUNREACH', errors.UnreachableError],
    ['ENFILE', errors.TooManyOpenFilesError],
    ['ENOBUFS', errors.SocketError],
    ['ENOTCONN', errors.SocketStateError],
    ['ENOTFOUND', errors.GetAddressInfoError],
    ['EPERM', errors.PermissionError],
    ['EPIPE', errors.BrokenPipeError],
    ['ETIMEDOUT', errors.TimeoutError],
  ])('makes of %s the class that fits, and says where, what and what next', (code, type) => {
    const cause = Object.assign(new Error('low'), { code });
    const error = socketError(cause, 'bind', ['127.0.0.1', 5000]);
    expect(error).toBeInstanceOf(type);
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({ name: type.name, code, operation: 'bind', address: ['127.0.0.1', 5000], cause });
    expect(error.message).toMatch(/^bind 127\.0\.0\.1:5000: .{10,} \([A-Z_]+\)$/);
  });

  it.each([
    ['EACCES', errors.PermissionError, 'folder'],
    ['EADDRINUSE', errors.AddressInUseError, 'removeStale'],
    ['EAGAIN', errors.BlockingIOError, 'room'],
    ['ECONNREFUSED', errors.ConnectionRefusedError, 'nobody'],
    ['EINVAL', errors.UnsupportedError, 'name'],
    ['EMSGSIZE', errors.SocketError, 'parts'],
    ['ENAMETOOLONG', errors.UnsupportedError, 'shorter'],
    ['ENOENT', errors.FileNotFoundError, 'path'],
    ['ENOTDIR', errors.FileNotFoundError, 'folder'],
    ['ENOTSOCK', errors.UnsupportedError, 'no socket'],
    ['EPROTOTYPE', errors.UnsupportedError, 'SOCK_DGRAM'],
    ['EROFS', errors.PermissionError, 'read-only'],
    ['EPIPE', errors.BrokenPipeError, 'stream'],
  ])('says of %s what it means for a path', (code, type, word) => {
    const error = socketError({ code, message: 'low' }, 'bind', '/run/app.sock');
    expect(error.constructor).toBe(type);
    expect(error.message).toMatch(/^bind \/run\/app\.sock: .{10,} \([A-Z]+\)$/);
    expect(error.message).toContain(word);
    expect(error.message).not.toContain('port');
  });

  it('keeps the code and the words of an error that it has no class for', () => {
    const error = socketError(Object.assign(new Error('odd'), { code: 'EWHATEVER' }), 'recv');
    expect(error.constructor).toBe(SocketError);
    expect(error).toMatchObject({ code: 'EWHATEVER', message: 'recv: odd', address: undefined });
  });

  it.each([[undefined], [null], ['text'], [{ code: 7 }]])('survives %j instead of an error', (thrown) => {
    expect(socketError(thrown, 'recv')).toMatchObject({ code: 'ERR_UNKNOWN' });
  });

  it('lets an error of ours pass as it is', () => {
    const error = systemError('EPIPE', 'send');
    expect(socketError(error, 'recv')).toBe(error);
  });
});

describe('the classes', () => {
  it('have the tree of Python', () => {
    const family = [
      errors.ConnectionRefusedError,
      errors.ConnectionResetError,
      errors.ConnectionAbortedError,
      errors.BrokenPipeError,
    ];
    for (const each of family) expect(each.prototype).toBeInstanceOf(errors.ConnectionError);
    expect(errors.TimeoutError.prototype).not.toBeInstanceOf(errors.ConnectionError);
    for (const each of Object.values(errors)) {
      if (/^[A-Z]/.test(each.name) && each !== SocketError) expect(each.prototype).toBeInstanceOf(SocketError);
    }
  });
});

describe('IncompleteReadError', () => {
  it('holds what came and what was asked for', () => {
    const error = new errors.IncompleteReadError(Buffer.from('abc'), 67);
    expect(error).toMatchObject({ partial: Buffer.from('abc'), expected: 67, code: 'ERR_INCOMPLETE_READ' });
    expect(error.message).toBe('recvExactly: the stream ended after 3 of 67 bytes');
  });
});

describe('timedOut', () => {
  it('says what took longer than how long', () => {
    expect(timedOut('recv', 1500, ['::1', 80]).message).toBe('recv [::1]:80: timed out after 1500 ms');
    expect(timedOut('recv', 1500)).toMatchObject({ code: 'ETIMEDOUT', message: 'recv: timed out after 1500 ms' });
  });
});

describe('socketErrorOfEvent', () => {
  it('takes no stack, and leaves the stacks of others alone', () => {
    const limit = Error.stackTraceLimit;
    const error = socketErrorOfEvent({ code: 'ECONNRESET' }, 'recv');
    expect(error).toBeInstanceOf(errors.ConnectionResetError);
    expect(error.stack).not.toContain('\n    at ');
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
