import { MalformedMessageError } from '@socketserver/framing';
import { ConnectionResetError } from '@socketserver/socket';
import { RecordedEvents, RunningServer, expectNoLeaks } from '@socketserver/testing';

import { BaseRequestHandler, TCPServer } from '../src';
import { errorBanner } from '../src/error-banner';

expectNoLeaks();

const rule = '-'.repeat(40);

describe('errorBanner()', () => {
  it('is what Python prints: rules, whose request it was, and the error with its stack', () => {
    const error = new RangeError('no such thing');
    const lines = errorBanner(error, ['127.0.0.1', 54321]).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      rule,
      "Exception occurred during processing of request from ('127.0.0.1', 54321)",
      'RangeError: no such thing',
    ]);
    expect(lines[3]).toMatch(/^ +at .*error-banner\.test\.ts/);
    expect(lines.slice(-2)).toEqual([rule, '']);
  });

  it('shows a path and anything that was thrown', () => {
    expect(errorBanner('just a text', '/run/peer.sock')).toBe(
      `${rule}\nException occurred during processing of request from '/run/peer.sock'\n'just a text'\n${rule}\n`,
    );
    expect(errorBanner(undefined, '')).toContain("request from ''\nundefined\n");
  });

  it('shows what a peer did wrong in one line', () => {
    const error = new MalformedMessageError('half a frame\u001b', Buffer.from('ab'));
    expect(errorBanner(error, '').split('\n')).toEqual([
      rule,
      "Exception occurred during processing of request from ''",
      'MalformedMessageError: half a frame\\x1b',
      rule,
      '',
    ]);
  });

  it('shows the cause of an error', () => {
    const banner = errorBanner(new RangeError('above', { cause: new TypeError('below') }), '');
    expect(banner).toMatch(/RangeError: above[^]*\[cause\]: TypeError: below/);
  });

  it('escapes the control characters that a peer has smuggled into it', () => {
    const banner = errorBanner(new RangeError('\u001b[2J\u0007 \r \u009b31m'), '/run/\u001b]0;owned\u0007');
    expect(banner).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(banner).toContain('\\x1b[2J\\x07 \\x0d \\x9b31m');
    expect(banner).toContain("'/run/\\x1b]0;owned\\x07'");
  });
});

describe('handleError()', () => {
  /** What the default handleError() prints for a handler that throws `error`. */
  async function printed(error: unknown): Promise<string> {
    class Throwing extends BaseRequestHandler {
      override handle() {
        throw error;
      }
    }
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      await using running = new RunningServer(await TCPServer.listen(['127.0.0.1', 0], Throwing));
      using events = new RecordedEvents(running.server);
      using peer = await running.connect();
      await peer.ending();
      await events.stopped(1);
      return write.mock.calls.map(([text]) => String(text)).join('');
    } finally {
      write.mockRestore();
    }
  }

  it('prints the banner on standard error', async () => {
    const text = await printed(new RangeError('no such thing'));
    expect(text.startsWith(`${rule}\nException occurred during processing of request from ('127.0.0.1', `)).toBe(true);
    expect(text).toContain('RangeError: no such thing');
  });

  it('says nothing about a peer that just went away', async () => {
    expect(await printed(new ConnectionResetError('recv: the peer reset the connection', 'ECONNRESET'))).toBe('');
  });
});
