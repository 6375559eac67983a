import { ClassType } from '../src/class-type';

describe('ClassType', () => {
  it('is closed and empty at first, and opens and closes', () => {
    const turma = new ClassType('101');
    expect([turma.number, turma.isOpened, turma.presentStudents, turma.count]).toEqual(['101', false, [], 0]);
    turma.open();
    expect(turma.isOpened).toBe(true);
    turma.addStudent('1');
    turma.close();
    expect([turma.isOpened, turma.presentStudents]).toEqual([false, ['1']]);
  });

  it('keeps students as they were written, in the order of arrival', () => {
    const turma = new ClassType('101');
    for (const student of ['205182055', '042191010', '007', '7']) turma.addStudent(student);
    expect(turma.presentStudents).toEqual(['205182055', '042191010', '007', '7']);
    expect(turma.isStudentPresent('7')).toBe(true);
    expect(turma.isStudentPresent('07')).toBe(false);
  });

  it('has nobody in it twice, and remembers the first time', () => {
    const turma = new ClassType('101');
    turma.addStudent('1', 1000);
    turma.addStudent('1', 2000);
    expect([turma.presentStudents, turma.count, turma.registeredAt('1')]).toEqual([['1'], 1, 1000]);
    expect(turma.registeredAt('2')).toBeUndefined();
  });

  it('takes the time by itself when it is given none', () => {
    const turma = new ClassType('101');
    const before = Date.now();
    turma.addStudent('1');
    expect(turma.registeredAt('1')).toBeGreaterThanOrEqual(before);
    expect(turma.registeredAt('1')).toBeLessThanOrEqual(Date.now());
  });

  it('removes a student, and does not mind one who is not there', () => {
    const turma = new ClassType('101');
    turma.addStudent('1');
    turma.addStudent('2');
    turma.removeStudent('1');
    turma.removeStudent('3');
    expect(turma.presentStudents).toEqual(['2']);
  });

  it('gives a list that is not its own', () => {
    const turma = new ClassType('101');
    turma.presentStudents.push('1');
    expect(turma.count).toBe(0);
  });
});
