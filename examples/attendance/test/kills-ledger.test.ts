import { type FoundClass, Ledger, type Outcome } from './kills-ledger';

let ledger: Ledger;

beforeEach(() => {
  ledger = new Ledger();
});

function open() {
  const session = ledger.askToOpen('101');
  ledger.opened(session);
  return session;
}

function close(...students: string[]) {
  const session = ledger.openSession('101')!;
  ledger.askToClose(session);
  ledger.closed(session, students);
}

function register(student: string, outcome: Outcome = 'registered') {
  ledger.answered(ledger.askToRegister(student, '101'), outcome);
}

function compare(found: Partial<FoundClass>, classNumber = '101') {
  return ledger.compare(new Map([[classNumber, { closed: [], open: undefined, ...found }]]));
}

describe('Ledger', () => {
  it('is content with what was acknowledged', () => {
    open();
    register('1');
    register('1', 'repeated');
    register('2', 'present');
    close('1', '2');
    register('3', 'refused');
    open();
    register('3');
    expect(compare({ closed: [['1', '2']], open: ['3'] })).toEqual([]);
    close('3');
    expect(compare({ closed: [['1', '2'], ['3']] })).toEqual([]);
    expect(ledger.acknowledged).toBe(9);
  });

  it('misses a presence that was lost', () => {
    open();
    register('1');
    register('2');
    expect(compare({ open: ['1'] })).toEqual([
      "class 101: 2 was told 'registered', and is not in a session of that time",
    ]);
  });

  it('misses somebody who was told to be there already', () => {
    open();
    ledger.askToRegister('1', '101');
    register('1', 'repeated');
    expect(compare({ open: [] })).toHaveLength(1);
  });

  it('finds a presence in the wrong session', () => {
    open();
    register('1');
    close('1');
    open();
    register('2');
    expect(compare({ closed: [['1', '2']], open: [] })).toEqual([
      'class 101: session 1 ended with 1 students (…, 1), and has 2 students (…, 1, 2)',
      "class 101: 2 was told 'registered', and is not in a session of that time",
      'class 101: 2 is in session 1, and was not registered there',
    ]);
  });

  it('finds who is there twice, in one session or in two', () => {
    open();
    register('1');
    expect(compare({ open: ['1', '1'] })).toEqual(['class 101: session 1 has somebody twice: 2 students (…, 1, 1)']);
    ledger = new Ledger();
    open();
    register('1');
    const attempt = ledger.askToRegister('2', '101');
    close('1');
    open();
    ledger.answered(attempt, 'registered');
    expect(compare({ closed: [['1']], open: ['2'] })).toEqual([]);
    expect(compare({ closed: [['1', '2']], open: ['2'] })).toContain('class 101: 2 is in 2 sessions');
  });

  it('finds who was refused, and who never asked', () => {
    open();
    register('1', 'refused');
    expect(compare({ open: ['1', '2'] })).toEqual([
      'class 101: 1 is in session 1, and was not registered there',
      'class 101: 2 is in session 1, and was not registered there',
    ]);
  });

  it('finds a class that is open again, closed by nobody, lost or made up', () => {
    open();
    expect(compare({})).toEqual(['class 101: 1 sessions were opened, and 0 are there']);
    expect(compare({ closed: [[]] })).toEqual(['class 101: session 1 is closed, which nobody asked for']);
    expect(compare({ open: [] }, '102')).toEqual([
      'class 101: 1 sessions were opened, and 0 are there',
      'class 102: 0 sessions were opened, and 1 are there',
    ]);
    ledger = new Ledger();
    open();
    close();
    expect(compare({ open: [] })).toEqual(['class 101: session 1 was closed, and is open']);
  });

  it('finds a list that is not the one that was returned, or shown', () => {
    const session = open();
    register('1');
    register('2');
    ledger.shown(session, ['1', '2']);
    expect(compare({ open: ['2', '1'] })).toEqual([
      'class 101: session 1 was shown with 2 students (…, 1, 2), and has 2 students (…, 2, 1)',
    ]);
    close('1', '2');
    expect(compare({ closed: [['2', '1']] })).toContain(
      'class 101: session 1 ended with 2 students (…, 1, 2), and has 2 students (…, 2, 1)',
    );
  });

  it.each([
    ['not there', {}],
    ['there', { open: [] }],
    ['there, with students', { open: ['1'] }],
  ])('takes an opening without an answer as %s, and then keeps to it', (_, found) => {
    ledger.askToOpen('101');
    ledger.askToRegister('1', '101');
    expect(compare(found)).toEqual([]);
    expect(ledger.openSession('101') !== undefined).toBe('open' in found);
    expect(compare('open' in found ? {} : { open: [] })).not.toEqual([]);
  });

  it.each([
    ['open', { open: ['1'] }, { closed: [['1']] }],
    ['closed', { closed: [['1']] }, { open: ['1'] }],
  ])('takes an end without an answer as %s, and then keeps to it', (_, found, other) => {
    const session = open();
    register('1');
    ledger.askToClose(session);
    expect(compare(found)).toEqual([]);
    expect(compare(other)).not.toEqual([]);
  });

  it.each([
    ['not there', [], ['1']],
    ['there', ['1'], []],
  ])('takes a registration without an answer as %s, and then keeps to it', (_, found, other) => {
    open();
    ledger.askToRegister('1', '101');
    expect(compare({ open: found })).toEqual([]);
    expect(ledger.doubts).toEqual({ made: found.length, lost: other.length });
    expect(compare({ open: found })).toEqual([]);
    expect(compare({ open: other })).not.toEqual([]);
  });

  it('knows that a registration without an answer cannot be in a later session', () => {
    open();
    ledger.askToRegister('1', '101');
    expect(compare({ open: [] })).toEqual([]);
    close();
    open();
    expect(compare({ closed: [[]], open: ['1'] })).toContain(
      'class 101: 1 is in session 2, and was not registered there',
    );
  });
});
