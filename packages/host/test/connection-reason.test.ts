import { connectionReason } from '../src/connection-reason';

const refused = Object.assign(new Error('connect: refused'), { code: 'ECONNREFUSED' });

describe('connectionReason()', () => {
  it('gives the reason in the language', () => {
    expect(connectionReason(refused, 'pt-BR')).toBe('conexão recusada');
    expect(connectionReason(refused, 'en')).toBe('connection refused');
  });

  it('looks first at the reasons of the app', () => {
    expect(connectionReason(refused, 'en', { ECONNREFUSED: 'the hub is not there' })).toBe('the hub is not there');
    const own = Object.assign(new Error('no reply for 5000 ms'), { code: 'ERR_APP_SILENCE' });
    expect(connectionReason(own, 'en', { ERR_APP_SILENCE: 'no reply' })).toBe('no reply');
  });

  it.each([
    [new Error('out of coffee'), 'out of coffee'],
    [Object.assign(new Error('the system says so'), { code: 'EWHATEVER' }), 'the system says so'],
    [Object.assign(new Error('a number'), { code: 7 }), 'a number'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
  ])('says of anything else what it says itself: %s', (error, reason) => {
    expect(connectionReason(error, 'pt-BR')).toBe(reason);
  });
});
