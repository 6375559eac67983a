import { JobControl } from '../../src/client/job-control';

/** What happens, in its order. Nothing is really stopped: that would be the test itself. */
let acts: unknown[];
let job: JobControl | undefined;

const keyboard = { setRawMode: (isRaw: boolean) => acts.push(isRaw ? 'raw' : 'cooked') };

beforeEach(() => {
  acts = [];
  jest.spyOn(process, 'kill').mockImplementation((id, signal) => {
    acts.push(`${signal} to ${id}`, process.listenerCount('SIGTSTP'), process.listenerCount('SIGCONT'));
    return true;
  });
});

afterEach(() => {
  job?.detach();
  jest.restoreAllMocks();
});

describe('JobControl', () => {
  it('stops the whole job, in whose time it hears no signal, and gets the terminal back afterwards', () => {
    job = new JobControl(keyboard, () => acts.push('continued'));
    job.stop();
    expect(acts).toEqual(['cooked', 'SIGTSTP to 0', 0, 0, 'cooked', 'raw', 'continued']);
    expect([process.listenerCount('SIGTSTP'), process.listenerCount('SIGCONT')]).toEqual([1, 1]);
  });

  it('does so when the signal comes from elsewhere', () => {
    job = new JobControl(keyboard, () => acts.push('continued'));
    process.emit('SIGTSTP');
    expect(acts).toEqual(['cooked', 'SIGTSTP to 0', 0, 0, 'cooked', 'raw', 'continued']);
  });

  it('gets the terminal back after a stop that nobody could prepare for', () => {
    job = new JobControl(keyboard, () => acts.push('continued'));
    process.emit('SIGCONT');
    expect(acts).toEqual(['cooked', 'raw', 'continued']);
  });

  it('leaves everything alone without a terminal', () => {
    job = new JobControl({}, () => acts.push('continued'));
    job.stop();
    expect(acts).toEqual([]);
    expect([process.listenerCount('SIGTSTP'), process.listenerCount('SIGCONT')]).toEqual([0, 0]);
  });

  it('leaves the signals alone when it is over', () => {
    job = new JobControl(keyboard, () => acts.push('continued'));
    job.detach();
    expect([process.listenerCount('SIGTSTP'), process.listenerCount('SIGCONT')]).toEqual([0, 0]);
  });
});
