import { withTimeout } from '../src/with-timeout';

const late = () => new RangeError('late');

describe('withTimeout()', () => {
  it('gives what the promise gives', async () => {
    await expect(withTimeout(Promise.resolve('value'), 60_000, late)).resolves.toBe('value');
    await expect(withTimeout(Promise.reject(new TypeError('own')), 60_000, late)).rejects.toThrow('own');
  });

  it('fails with the given error when the promise does not settle', async () => {
    await expect(withTimeout(new Promise(() => {}), 1, late)).rejects.toThrow(RangeError);
  });

  it('swallows a failure that comes too late', async () => {
    let fail: (error: Error) => void = () => {};
    const promise = new Promise<never>((_, reject) => (fail = reject));
    await expect(withTimeout(promise, 1, late)).rejects.toThrow('late');
    fail(new Error('nobody is here'));
    await new Promise(setImmediate);
  });
});
