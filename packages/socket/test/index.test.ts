import * as socket from '@socketserver/socket';
import * as errors from '../src/errors';

describe('the package', () => {
  it('exports the public names and no other', () => {
    const constants = ['AF_CAN', 'AF_INET', 'AF_INET6', 'AF_RDS', 'AF_UNIX', 'EVENT_READ', 'EVENT_WRITE', 'SHUT_RD'];
    constants.push('SHUT_RDWR', 'SHUT_WR', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_STREAM', 'SOMAXCONN');
    const classes = [
      'ChildAdopter',
      'ChildHandOff',
      'Clock',
      'DatagramSocket',
      'ManualClock',
      'Selector',
      'Socket',
      'ThreadAdopter',
    ];
    classes.push('ThreadHandOff');
    const functions = [
      'createConnection',
      'dieWithParent',
      'familyOf',
      'formatAddress',
      'getaddrinfo',
      'gethostbyname',
      'gethostname',
    ];
    functions.push('sameAddress', 'select', 'socket', 'systemClock', 'tolerant');
    const expected = [...constants, ...classes, ...functions, ...Object.keys(errors)];
    expect(Object.keys(socket).sort()).toEqual(expected.sort());
  });
});
