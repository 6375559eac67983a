import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from '../src/config-file';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-config-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string) {
  writeFileSync(join(folder, 'my.json'), content);
  return readConfigFile('my.json', folder);
}

describe('readConfigFile()', () => {
  it('separates the options of the server from the settings of the plugin', () => {
    expect(read('\ufeff{"port": 5000, "settings": {"maxHosts": 3}}')).toEqual({
      file: 'my.json',
      options: { port: 5000 },
      settings: { maxHosts: 3 },
    });
  });

  it.each([
    ['{', /^--config my\.json: it is not JSON: /],
    ['[]', '--config my.json: it must contain a JSON object, such as {"port": 5000}'],
    ['{"settings": 1}', '--config my.json: "settings" must be a JSON object'],
    ['{"prot": 1}', /^--config my\.json: unknown key "prot"; known are host, port, .*, settings$/],
  ])('refuses %s', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it('says what is wrong with the file itself', () => {
    expect(() => readConfigFile('absent.json', folder)).toThrow('--config absent.json: there is no such file');
    expect(() => readConfigFile('.', folder)).toThrow('--config .: it is a folder');
  });
});
