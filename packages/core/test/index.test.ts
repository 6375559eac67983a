import * as core from '../src';

describe('@socketserver/core', () => {
  it('exports these names and no other', () => {
    expect(Object.keys(core).sort()).toEqual(
      [
        // Servers
        'BaseServer',
        'TCPServer',
        'AsyncTCPServer',
        'SelectingTCPServer',
        'UDPServer',
        'AsyncUDPServer',
        'SelectingUDPServer',
        'UnixStreamServer',
        'AsyncUnixStreamServer',
        'SelectingUnixStreamServer',
        'UnixDatagramServer',
        'AsyncUnixDatagramServer',
        'SelectingUnixDatagramServer',
        'AsyncMixIn',
        'SelectingMixIn',
        'ForkingMixIn',
        'ForkingTCPServer',
        'ForkingUDPServer',
        'ForkingUnixStreamServer',
        'ForkingUnixDatagramServer',
        'ThreadingMixIn',
        'ThreadingTCPServer',
        'ThreadingUDPServer',
        'ThreadingUnixStreamServer',
        'ThreadingUnixDatagramServer',
        'serverClass',
        'strategies',
        'workerStrategies',
        'transports',
        // Handlers
        'BaseRequestHandler',
        'StreamRequestHandler',
        'DatagramRequestHandler',
        'MessageHandler',
        // Injection
        'CLIENT_ADDRESS',
        'Clock',
        'Lifecycle',
        'Logger',
        'ManualClock',
        'Output',
        'REQUEST',
        'SERVER',
        'SETTINGS',
        'container',
        'delay',
        'inject',
        'injectAll',
        'injectable',
        'registry',
        'scoped',
        'shared',
        'singleton',
        'systemClock',
        // Events
        'channels',
        'reasonOf',
        // Sockets
        'DatagramSocket',
        'Socket',
        'escapeControls',
        'formatAddress',
        // Errors
        'registerError',
        'AddressInUseError',
        'BrokenPipeError',
        'ChannelClosedError',
        'ConnectionError',
        'ConnectionResetError',
        'DeadlineError',
        'FatalError',
        'HandlerError',
        'IncompleteReadError',
        'LineTooLongError',
        'NotCloneableError',
        'OptionError',
        'PacketTooLongError',
        'ReadTooLongError',
        'ServerError',
        'ServerStateError',
        'ServiceCallError',
        'ShutdownError',
        'SocketError',
        'TimeoutError',
        'TooManyCallsError',
        'UnknownMethodError',
        'WorkerDiedError',
      ].sort(),
    );
  });

  it('has one root for its errors, each with a code of its own', () => {
    const errors = [
      new core.OptionError('drainTimeout', -1, 'milliseconds'),
      new core.ServerStateError('closed'),
      new core.HandlerError('none'),
      new core.DeadlineError('idle', 10, ['127.0.0.1', 5000]),
      new core.ShutdownError(0),
      new core.LineTooLongError(10),
      new core.ReadTooLongError(10),
      new core.PacketTooLongError(10),
      new core.FatalError('no disk left'),
      new core.ChannelClosedError('Roll', 'add'),
      new core.TooManyCallsError('Roll', 'add', 10),
      new core.NotCloneableError('Roll', 'add', 0, new TypeError('no data')),
      new core.UnknownMethodError('Roll', 'add'),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(core.ServerError);
      expect(error.name).toBe(error.constructor.name);
      expect(error.code).toMatch(/^ERR_[A-Z_]+$/);
      expect(error.message).not.toBe('');
    }
    expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length);
  });
});
