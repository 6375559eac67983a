import { PinoLogger, wantsColors, type LoggerOptions } from '../src/logger';

function logTo(options: Omit<LoggerOptions, 'writer'> = {}) {
  const lines: string[] = [];
  return { logger: new PinoLogger({ ...options, writer: { write: (line) => lines.push(line) } }), lines };
}

/** Everything that could move a cursor or begin a line of its own. */
const dangerous = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
const evil = '\u001b[2J\r\n{"level":60}\u009b1m\u202e\u007f';

describe('PinoLogger', () => {
  it('writes one JSON object per line', () => {
    const { logger, lines } = logTo();
    logger.info({ peer: '127.0.0.1:1' }, 'hello');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, peer: '127.0.0.1:1', msg: 'hello' });
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = logTo({ level: 'warn' });
    logger.debug({}, 'a');
    logger.info({}, 'b');
    logger.warn({}, 'c');
    logger.error({}, 'd');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd']);
  });

  it('tells an error with its stack, in JSON and in readable form', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'FAR' });
    const json = logTo();
    json.logger.error({ error }, 'failed');
    expect(JSON.parse(json.lines[0]!)).toMatchObject({
      error: { type: 'RangeError', message: 'too far', code: 'FAR' },
    });
    const pretty = logTo({ pretty: true });
    pretty.logger.error({ error }, 'failed');
    expect(pretty.lines[0]).toMatch(/ERROR.*failed/);
    expect(pretty.lines[0]).toContain('logger.test.ts');
  });

  it.each([false, true])('lets no peer write to the terminal or forge a line (readable: %p)', (pretty) => {
    const { logger, lines } = logTo({ pretty });
    logger.warn({ text: evil, deep: { list: [evil], [evil]: 1 } }, evil);
    expect(lines[0]).not.toMatch(dangerous);
    expect(lines[0]!.trimEnd()).not.toContain('\n');
  });

  it('indents what a forged message puts into a stack', () => {
    const { logger, lines } = logTo({ pretty: true });
    logger.error({ error: new Error(evil) }, 'failed');
    expect(lines[0]).not.toMatch(dangerous);
    expect(lines[0]).not.toMatch(/^\{"level":60\}/m);
  });

  it('keeps JSON readable by machines when it escapes', () => {
    const { logger, lines } = logTo();
    logger.info({ text: evil }, 'x');
    expect((JSON.parse(lines[0]!) as { text: string }).text).toBe(evil);
  });

  it('colours readable lines only when asked', () => {
    const colored = logTo({ pretty: true, colors: true });
    colored.logger.info({}, 'x');
    expect(colored.lines[0]).toContain('\u001b[');
    const plain = logTo({ pretty: true });
    plain.logger.info({}, 'x');
    expect(plain.lines[0]).not.toContain('\u001b[');
  });
});

describe('wantsColors()', () => {
  it('wants a terminal and no NO_COLOR', () => {
    expect(wantsColors({ isTTY: true }, {})).toBe(true);
    expect(wantsColors({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(wantsColors({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColors({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColors({}, {})).toBe(false);
  });
});
