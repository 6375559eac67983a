import type { Act, Answer } from './class-model';
import { History } from './history';

const lists = (outcome: 'closed' | 'open', ...students: string[]): Answer => ({ outcome, students });
const opened: Answer = { outcome: 'opened' };
const registered: Answer = { outcome: 'registered' };
const repeated: Answer = { outcome: 'repeated' };
const refused: Answer = { outcome: 'not-open' };

/** One act after the other. */
function sequence(...acts: [act: Act, answer: Answer, student?: string, classNumber?: string][]): History {
  const history = new History();
  for (const [act, answer, student, classNumber = '101'] of acts) history.begin(classNumber, act, student)(answer);
  return history;
}

describe('History', () => {
  it('finds nothing wrong with what acts do one after the other', () => {
    const history = sequence(
      ['register', refused, '1'],
      ['close', { outcome: 'not-open', students: [] }],
      ['consult', { outcome: 'not-open', students: [] }],
      ['open', { outcome: 'opened', at: 5 }],
      ['open', { outcome: 'already-open', at: 5 }],
      ['register', { outcome: 'registered', at: 6 }, '1'],
      ['register', registered, '2'],
      ['register', { outcome: 'repeated', at: 6 }, '1'],
      ['consult', lists('open', '1', '2')],
      ['toggle', lists('closed', '1', '2')],
      ['open', { outcome: 'begun' }],
      ['register', { outcome: 'present' }, '2'],
      ['register', { outcome: 'present' }, '2'],
      ['open', { outcome: 'begun' }],
      ['close', lists('closed', '2')],
    );
    expect(history.faults()).toEqual([]);
    expect([history.size, history.count('registered')]).toEqual([15, 2]);
  });

  it.each<[string, Parameters<typeof sequence>]>([
    [
      'a presence that is lost',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['close', lists('closed')],
      ],
    ],
    [
      'a presence out of nothing',
      [
        ['open', opened],
        ['close', lists('closed', '1')],
      ],
    ],
    [
      'a student who is listed twice',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['close', lists('closed', '1', '1')],
      ],
    ],
    [
      'a student who is registered twice',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['register', registered, '1'],
      ],
    ],
    [
      'a repeat without a first time',
      [
        ['open', opened],
        ['register', repeated, '1'],
      ],
    ],
    [
      'a refusal of an open class',
      [
        ['open', opened],
        ['register', refused, '1'],
      ],
    ],
    ['a registration in a closed class', [['register', registered, '1']]],
    [
      'a class that is opened twice',
      [
        ['open', opened],
        ['toggle', opened],
      ],
    ],
    [
      'a class that is closed twice',
      [
        ['open', opened],
        ['close', lists('closed')],
        ['close', lists('closed')],
      ],
    ],
    ['an open class that was never opened', [['open', { outcome: 'already-open' }]]],
    [
      'a list in another order',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['register', registered, '2'],
        ['consult', lists('open', '2', '1')],
      ],
    ],
    [
      'a list that forgets',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['consult', lists('open', '1')],
        ['consult', lists('open')],
      ],
    ],
    [
      'a session that keeps students of the one before',
      [
        ['open', opened],
        ['register', registered, '1'],
        ['close', lists('closed', '1')],
        ['open', opened],
        ['close', lists('closed', '1')],
      ],
    ],
    [
      'another time for a repeat',
      [
        ['open', opened],
        ['register', { outcome: 'registered', at: 1 }, '1'],
        ['register', { outcome: 'repeated', at: 2 }, '1'],
      ],
    ],
    [
      'another time for the beginning',
      [
        ['open', { outcome: 'opened', at: 1 }],
        ['open', { outcome: 'already-open', at: 2 }],
      ],
    ],
    [
      'a student in another class than the one he is told',
      [
        ['open', opened],
        ['open', opened, '', '102'],
        ['register', registered, '1'],
        ['close', lists('closed', '1'), '', '102'],
      ],
    ],
    ['an answer to another question', [['consult', opened]]],
  ])('finds %s', (_what, acts) => {
    expect(sequence(...acts).faults()).not.toEqual([]);
  });

  describe('with a registration that races a close', () => {
    /** Both begin, and then both are answered. */
    function race(answer: Answer, list: readonly string[]): string[] {
      const history = sequence(['open', opened]);
      const close = history.begin('101', 'close');
      const register = history.begin('101', 'register', '1');
      close(lists('closed', ...list));
      register(answer);
      return history.faults();
    }

    it('allows it to be in the list, or to be refused', () => {
      expect(race(registered, ['1'])).toEqual([]);
      expect(race(refused, [])).toEqual([]);
    });

    it('finds that it is in neither', () => {
      expect(race(registered, [])).not.toEqual([]);
    });

    it('finds that it is in both', () => {
      expect(race(refused, ['1'])).not.toEqual([]);
    });
  });

  it('allows what overlaps in any order, and finds what does not fit into any', () => {
    const overlapping = (list: string[], second: Answer = registered) => {
      const history = sequence(['open', opened]);
      const answers = ['1', '2', '1'].map((student) => history.begin('101', 'register', student));
      answers[2]!(repeated);
      answers[0]!(registered);
      answers[1]!(second);
      history.begin('101', 'close')(lists('closed', ...list));
      return history.faults();
    };
    expect(overlapping(['1', '2'])).toEqual([]);
    expect(overlapping(['2', '1'])).toEqual([]);
    expect(overlapping(['2'])).not.toEqual([]);
    expect(overlapping(['1', '2'], repeated)).not.toEqual([]);
  });

  it('tells how far it came and what does not lead on', () => {
    const [fault] = sequence(['open', opened], ['register', registered, '7'], ['close', lists('closed')]).faults();
    expect(fault).toBe(
      'class 101: no order of these 3 acts explains the answers; after 1 of them it is open with [], and none of these ' +
        'leads on:\n  3–4: register 7 → registered',
    );
  });

  it('answers soon about many students who come at once', () => {
    const history = sequence(['open', opened]);
    const students = Array.from({ length: 300 }, (_, number) => String(number));
    const answers = students.map((student) => history.begin('101', 'register', student));
    for (const answer of answers) answer(registered);
    history.begin('101', 'close')(lists('closed', ...students.toReversed()));
    expect(history.faults()).toEqual([]);
  });
});
