import { StorageError, type StorageReason } from '../src/errors';
import { inLanguage, storageText } from '../src/storage-texts';

const reasons: readonly StorageReason[] = [
  'full',
  'in-use',
  'damaged',
  'newer',
  'denied',
  'too-many-files',
  'busy',
  'failed',
];

describe('storageText()', () => {
  it.each(reasons)('says in Portuguese what is wrong and what to do, after the path: %s', (reason) => {
    const error = new StorageError('/data: it is wrong', reason, '/data');
    expect(storageText(error, 'pt-BR')).toMatch(/^\/data: [^:]+; .+/);
    expect(storageText(error, 'pt-BR')).not.toBe(storageText(error, 'en'));
  });

  it('is the message itself in English', () => {
    expect(storageText(new StorageError('/data: it is wrong', 'failed', '/data'), 'en')).toBe('/data: it is wrong');
  });

  it('has the words of the cause, or its own where there is none', () => {
    const cause = { message: 'EACCES: permission denied' };
    expect(storageText(new StorageError('/data: no', 'denied', '/data', { cause }), 'pt-BR')).toContain(
      '(EACCES: permission denied)',
    );
    expect(storageText(new StorageError('/data: it is a file', 'failed', '/data'), 'pt-BR')).toContain(
      '(it is a file)',
    );
  });

  it('begins with no path when it is about none', () => {
    expect(storageText(new StorageError('too much', 'busy', ''), 'pt-BR')).toMatch(/^há pedidos demais/);
  });

  it('leaves other errors to their own words', () => {
    expect(storageText(new TypeError('a bug'), 'pt-BR')).toBe('a bug');
  });
});

describe('inLanguage()', () => {
  it('is an error of the same kind, with the first one as its cause', () => {
    const error = new StorageError('/data: it is wrong', 'full', '/data');
    expect(inLanguage(error, 'pt-BR')).toMatchObject({
      name: 'StorageError',
      code: 'ERR_ATTENDANCE_STORAGE',
      reason: 'full',
      path: '/data',
      message: storageText(error, 'pt-BR'),
      cause: error,
    });
  });

  it('passes on what is no StorageError', () => {
    const error = new TypeError('a bug');
    expect(inLanguage(error, 'pt-BR')).toBe(error);
  });
});
