import { parseTeacherRequest } from '../../src/client/teacher-request';

describe('parseTeacherRequest()', () => {
  it.each([
    ['101', '101,teacher', false],
    [' 007 ', '007,teacher', false],
    ['999999999999999', '999999999999999,teacher', false],
    ['101/consultar', '101/consultar,professor', true],
    ['101 / Consultar', '101/consultar,professor', true],
    ['consultar 101', '101/consultar,professor', true],
    ['101 consultar', '101/consultar,professor', true],
    ['101/list', '101/consultar,professor', true],
    ['101/iniciar', '101/iniciar,professor', true],
    ['open 101', '101/iniciar,professor', true],
    ['101/encerrar', '101/encerrar,professor', false],
    ['close  101', '101/encerrar,professor', false],
  ])('makes of %j the request %j', (line, text, isRepeatable) => {
    expect(parseTeacherRequest(line)).toMatchObject({ text, isRepeatable });
  });

  it.each([
    'abc',
    '0',
    '000',
    '-1',
    '1.5',
    '1e3',
    '1,2',
    '101,teacher',
    '1000000000000000',
    '１０１',
    '١٠١',
    '1̈01',
    '101\x1b[A',
    '101/',
    '/consultar',
    '101/apagar',
    '101/consultar/102',
    'consultar',
    'consultar 101 102',
    '101/constructor',
    '101/__proto__',
  ])('understands nothing of %j', (line) => {
    expect(parseTeacherRequest(line)).toBeUndefined();
  });
});
