import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ManualClock } from '@socketserver/core';

import { AttendanceService } from '../src/attendance-service';
import { DurableRoll } from '../src/durable-roll';
import { settings } from '../src/settings';
import { MemoryStore } from './memory-store';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');

describe('README', () => {
  it('shows the bytes of the texts beside them', () => {
    const pictures = [...readme.matchAll(/^((?:[0-9a-f]{2} )+) {3,}(\S.*)$/gm)];
    expect(pictures).toHaveLength(4);
    for (const [, hex = '', text = ''] of pictures)
      expect(Buffer.from(hex.replaceAll(' ', ''), 'hex').toString()).toBe(text);
  });

  it('shows the replies that come', async () => {
    const clock = new ManualClock(new Date(2026, 10, 19, 8, 5));
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const roll = new DurableRoll(new MemoryStore(), clock, quiet, settings.parse({}));
    await roll.restore();
    const service = new AttendanceService(roll, clock);
    const expectShown = async (request: string) => {
      const reply = await service.handleMessage(request);
      expect([request, readme.includes(`\`${reply}\``)]).toEqual([request, true]);
    };

    await expectShown('101,teacher');
    await expectShown('101/iniciar,professor');
    clock.advance(60_000);
    await expectShown('042191010/101,student');
    await expectShown('042191010/101,student');
    await expectShown('042191010/101,aluno');
    await service.handleMessage('205182055/101,aluno');
    clock.advance(94 * 60_000);
    await expectShown('101/consultar,professor');
    await expectShown('101,teacher');
    await expectShown('101/encerrar,professor');
    clock.advance(60_000);
    await expectShown('042191010/101,aluno');
    await expectShown('042191010/101,student');
  });

  it('names every setting with its default', () => {
    const defaults = settings.parse({});
    for (const name of Object.keys(settings.shape)) expect(readme).toMatch(new RegExp(`^\\| \`${name}=`, 'm'));
    expect(defaults).toEqual({
      archive: true,
      maxBytes: 2 ** 30,
      maxClasses: 10_000,
      maxStudents: 10_000,
      lang: 'pt-BR',
    });
  });
});
