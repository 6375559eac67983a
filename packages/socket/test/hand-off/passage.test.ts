import { closeSync, readlinkSync } from 'node:fs';
import { Passage } from '../../src/hand-off/passage';
import { keep, socketDescriptors } from '../loopback';
import { held, obstacle } from './workers';

const why = obstacle('child by duplicate', 'TCP');
const suite = why === null ? describe : describe.skip;

/** Both ends in this process. */
function passage(): { server: Passage; child: Passage; close(): void } {
  const [server, there] = Passage.open()!;
  const child = Passage.of(there)!;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(there);
    isOpen = false;
  };
  keep({ close });
  keep(server);
  return { server, child, close };
}

/** A descriptor that leads to a socket, for as long as the test runs. */
async function descriptor(): Promise<number> {
  return (await held()).socket.fileno();
}

suite(`a passage${why === null ? '' : ` (${why})`}`, () => {
  it('gives another descriptor of the same socket, with its number, in the order in which they were sent', async () => {
    const { server, child } = passage();
    const sent = [await descriptor(), await descriptor()];
    expect(sent.map((fd, i) => server.send(i + 1, fd))).toEqual([true, true]);
    for (const [i, fd] of sent.entries()) {
      const arrival = child.receive()!;
      expect(arrival.id).toBe(i + 1);
      expect(sent).not.toContain(arrival.fd);
      expect(readlinkSync(`/proc/self/fd/${arrival.fd}`)).toBe(readlinkSync(`/proc/self/fd/${fd}`));
      closeSync(arrival.fd);
    }
    expect(child.receive()).toBeNull();
  });

  it('has no room some time, loses nothing then, and has room again', async () => {
    const { server, child } = passage();
    const fd = await descriptor();
    let count = 0;
    while (server.send(count + 1, fd)) count += 1;
    expect(count).toBeGreaterThan(64);
    for (let i = 1; i <= count; i++) {
      const arrival = child.receive()!;
      expect(arrival.id).toBe(i);
      closeSync(arrival.fd);
    }
    expect(child.receive()).toBeNull();
    expect(server.send(1, fd)).toBe(true);
    closeSync(child.receive()!.fd);
  });

  it('counts what was acknowledged, also when there was no room to say so', () => {
    const { server, child } = passage();
    expect(server.acknowledged()).toBe(0);
    for (let i = 0; i < 3; i++) child.acknowledge();
    expect(server.acknowledged()).toBe(3);
    expect(server.acknowledged()).toBe(0);
    let acknowledged = 0;
    for (let i = 0; i < 2000; i++) child.acknowledge();
    for (let some = server.acknowledged(); some > 0; some = server.acknowledged()) acknowledged += some;
    expect(acknowledged).toBeLessThan(2000);
    child.acknowledge();
    acknowledged += server.acknowledged();
    expect(acknowledged).toBe(2001);
  });

  it('closes what was not received when its other end is closed, and takes more to close it, too', async () => {
    const { server, close } = passage();
    const fd = await descriptor();
    const before = socketDescriptors();
    for (let i = 0; i < 10; i++) server.send(i + 1, fd);
    close();
    expect(server.send(11, fd)).toBe(true);
    expect(server.acknowledged()).toBe(0);
    expect(socketDescriptors()).toBe(before - 1);
  });
});
