import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { dataFolder } from '../src/data-folder';

describe('dataFolder()', () => {
  it('is what dataDir says, from the working directory', () => {
    expect(dataFolder({ dataDir: 'roll' }, resolve('/srv'))).toBe(resolve('/srv/roll'));
    expect(dataFolder({ dataDir: 'roll' })).toBe(resolve('roll'));
    expect(dataFolder({ dataDir: resolve('/var/roll') }, resolve('/srv'))).toBe(resolve('/var/roll'));
  });

  it('knows the tilde that a shell has left', () => {
    expect(dataFolder({ dataDir: '~' })).toBe(homedir());
    expect(dataFolder({ dataDir: '~/roll' })).toBe(join(homedir(), 'roll'));
    expect(dataFolder({ dataDir: '~roll' }, resolve('/srv'))).toBe(resolve('/srv/~roll'));
  });

  it("is one of this app's own in the user's folder for data otherwise", () => {
    const folder = dataFolder({});
    expect(folder.split(/[\\/]/)).toContain('socketserver-attendance');
    if (process.env.XDG_DATA_HOME === undefined) expect(folder.startsWith(homedir())).toBe(true);
    if (process.platform === 'linux' && process.env.XDG_DATA_HOME === undefined) {
      expect(folder).toBe(join(homedir(), '.local/share', basename(folder)));
    }
  });
});
