import { BlockList } from 'node:net';
import { badEntryOf, readAddressList, showAddressList } from '../src/address-list';

describe('readAddressList()', () => {
  it('reads addresses and ranges of both families', () => {
    const list = readAddressList('10.0.0.0/8, ::1,fe80::/10,192.0.2.7');
    expect(list?.check('10.255.0.1')).toBe(true);
    expect(list?.check('11.0.0.1')).toBe(false);
    expect(list?.check('192.0.2.7')).toBe(true);
    expect(list?.check('192.0.2.8')).toBe(false);
    expect(list?.check('::1', 'ipv6')).toBe(true);
    expect(list?.check('fe80::5', 'ipv6')).toBe(true);
    expect(list?.check('::2', 'ipv6')).toBe(false);
  });

  it('reads several texts as one list', () => {
    const list = readAddressList(['10.0.0.0/8', '::1,192.0.2.7']);
    expect(['10.1.1.1', '192.0.2.7'].every((address) => list?.check(address))).toBe(true);
  });

  it('takes the whole of a family as a range', () => {
    expect(readAddressList('0.0.0.0/0')?.check('192.0.2.7')).toBe(true);
    expect(readAddressList('::/0')?.check('2001:db8::1', 'ipv6')).toBe(true);
  });

  it('takes a list of Node’s as it is', () => {
    const list = new BlockList();
    expect(readAddressList(list)).toBe(list);
  });

  it.each([
    ['10.0.0.0/33', '10.0.0.0/33'],
    ['::1/129', '::1/129'],
    ['10.0.0.0/', '10.0.0.0/'],
    ['10.0.0.0/8/8', '10.0.0.0/8/8'],
    ['10.0.0.0/-1', '10.0.0.0/-1'],
    ['10.0.0', '10.0.0'],
    ['127.0.0.1,localhost', 'localhost'],
    ['127.0.0.1,', ''],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['', ''],
    [['::1', 5], ''],
    [7, ''],
    [null, ''],
  ])('refuses %p, and names the entry', (value, entry) => {
    expect(readAddressList(value)).toBeUndefined();
    expect(badEntryOf(value)).toBe(entry);
  });

  it('refuses a list of nothing', () => {
    expect(readAddressList([])).toBeUndefined();
  });
});

describe('showAddressList()', () => {
  it('shows a list as it is typed', () => {
    const list = readAddressList('10.0.0.0/8,::1');
    expect(showAddressList(list!).split(',').sort()).toEqual(['10.0.0.0/8', '::1']);
  });
});
