import { type Look, type Soaked, type Usage, leftovers } from '../src';

function usage(name: string, more: Partial<Usage> = {}): Usage {
  return { name, descriptors: 20, threads: 7, children: 0, timers: 1, heap: 10e6, resident: 80e6, ...more };
}

const look: Look = { server: usage('1/0', { children: 1 }), workers: [usage('2/0')] };

/** Connections of which nothing is left, but for what is given here. */
function soaked(more: Partial<Soaked> = {}): Soaked {
  return {
    strategy: 'forking',
    short: 1000,
    atOnce: 100,
    answered: 1100,
    before: usage('1/0'),
    looks: [look, look, look, look],
    after: usage('1/0'),
    said: '',
    ...more,
  };
}

/** What is left when the last look finds this. */
function leftAtLast(last: Partial<Look>): string[] {
  return leftovers(soaked({ looks: [look, look, look, { ...look, ...last }] }));
}

describe('leftovers()', () => {
  it('finds nothing where nothing is', () => {
    expect(leftovers(soaked())).toEqual([]);
    expect(leftovers(soaked({ after: usage('1/0', { descriptors: 19, heap: 9e6 }) }))).toEqual([]);
  });

  it('counts those who were not answered', () => {
    expect(leftovers(soaked({ answered: 1098 }))).toEqual(['2 of 1100 connections were not answered']);
  });

  it('names what a closed server still has', () => {
    const after = usage('1/0', { descriptors: 22, threads: 8, children: 1, timers: 2 });
    expect(leftovers(soaked({ after }))).toEqual([
      'the closed server has 22 descriptors instead of 20',
      'the closed server has 8 threads instead of 7',
      'the closed server has 1 children instead of 0',
      'the closed server has 2 timers instead of 1',
    ]);
  });

  it('names what a server has that nobody is connected to', () => {
    expect(leftAtLast({ server: usage('1/0', { children: 2 }) })).toEqual(['the server has 2 children instead of 1']);
  });

  it('names what a worker has', () => {
    expect(leftAtLast({ workers: [usage('2/0', { descriptors: 21 })] })).toEqual([
      'worker 2/0 has 21 descriptors instead of 20',
    ]);
  });

  it('takes a worker in the place of another one, but not beside it', () => {
    expect(leftAtLast({ workers: [usage('3/0')] })).toEqual([]);
    expect(leftAtLast({ workers: [usage('2/0'), usage('3/0')] })).toEqual(['there are 2 workers instead of 1']);
    expect(leftAtLast({ workers: [] })).toEqual(['there are 0 workers instead of 1']);
  });

  it('says by how much the heap has grown since the first half of the connections', () => {
    expect(leftAtLast({ workers: [usage('2/0', { heap: 10.2e6 })] })).toEqual([]);
    expect(leftAtLast({ workers: [usage('2/0', { heap: 10.3e6 })] })).toEqual([
      'the heap of 2/0 has grown from 10.0 to 10.3 MB',
    ]);
  });

  it('says by how much memory has grown, if that is very much', () => {
    expect(leftAtLast({ server: usage('1/0', { children: 1, resident: 200e6 }) })).toEqual([]);
    expect(leftAtLast({ server: usage('1/0', { children: 1, resident: 220e6 }) })).toEqual([
      'the memory of 1/0 has grown from 80.0 to 220.0 MB',
    ]);
  });

  it('repeats what the server said', () => {
    expect(leftovers(soaked({ said: 'Warning: a leak\n' }))).toEqual(['the server said: Warning: a leak']);
  });
});
