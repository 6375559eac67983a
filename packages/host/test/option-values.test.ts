import { BlockList } from 'node:net';
import { addressList, oneOf, showValue, text, wholeNumber } from '../src/option-values';

describe('the values of options', () => {
  it('are whole numbers, as text or as numbers', () => {
    const { read } = wholeNumber(10, 1);
    expect(['1', '10', 7].map(read)).toEqual([1, 10, 7]);
    expect(['0', '11', '1.5', ' 1', '', '1e1', true, null].map(read)).toEqual(Array(8).fill(undefined));
  });

  it('are one of some words', () => {
    const { read, expected } = oneOf(['queue', 'reject']);
    expect(['reject', 'rejects', ''].map(read)).toEqual(['reject', undefined, undefined]);
    expect(expected).toBe('one of queue, reject');
  });

  it('are text of a pattern', () => {
    const { read } = text('a word', /^\w+$/);
    expect(['one', 'one two', 1].map(read)).toEqual(['one', undefined, undefined]);
  });

  it('are lists of addresses, which tell their wrong part', () => {
    expect(addressList.read('::1')).toBeInstanceOf(BlockList);
    expect(addressList.read('::1,x')).toBeUndefined();
    expect(addressList.fault?.('::1,x')).toBe('x');
  });

  it('are shown as people write them', () => {
    class Busy {}
    const shown = ['a', '', 5, null, ['a', 'b'], Busy, addressList.read('10.0.0.0/8')].map(showValue);
    expect(shown).toEqual(['a', '""', '5', 'null', 'a,b', 'Busy', '10.0.0.0/8']);
  });
});
