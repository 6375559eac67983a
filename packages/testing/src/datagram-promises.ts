/// <reference types="jest" />
/** What every server for datagrams keeps besides: a packet is a request, and has borders. */
import type { UDPServer } from '@socketserver/core';

import type { ContractPromise } from './contract-promise';

const borders = { datagram: 'a stream has no packets' };

export const datagramPromises: readonly ContractPromise[] = [
  {
    title: 'answers each datagram by itself',
    needs: borders,
    async keep(subject) {
      await using served = await subject.serve();
      using client = await served.client();
      const texts = Array.from({ length: 20 }, (_, index) => `packet ${index}\n`);
      for (const text of texts) await client.send(text);
      const answers: string[] = [];
      for (const _text of texts) answers.push(String(await client.read(100)));
      expect(answers).toEqual(texts);
      await served.events.stopped(20);
      expect(new Set(served.events.reasons)).toEqual(new Set(['finished']));
      expect(served.events.stops[0]).toMatchObject({ bytesRead: 9 });
    },
  },
  {
    title: 'answers a datagram of maxPacketSize, and loses the rest of a longer one',
    needs: borders,
    async keep(subject) {
      await using served = await subject.serve();
      const { maxPacketSize } = served.server as UDPServer;
      using client = await served.client();
      for (const more of [0, 1, 1000]) {
        await client.send(Buffer.alloc(maxPacketSize + more, 'x'));
        const answer = await client.read(Infinity);
        expect(answer.equals(Buffer.alloc(maxPacketSize, 'x'))).toBe(true);
      }
    },
  },
  {
    title: 'lets datagrams beyond maxConnections wait, and serves them all',
    needs: { datagram: 'for connections there is a promise of its own' },
    async keep(subject) {
      await using served = await subject.listen({ maxConnections: 2 });
      const { server } = served;
      let most = 0;
      server.verifyRequest = () => ((most = Math.max(most, server.activeConnections)), true);
      served.serveForever();
      using client = await served.client();
      const texts = Array.from({ length: 20 }, (_, index) => `packet ${index}\n`);
      for (const text of texts) await client.send(text);
      const answers = new Set<string>();
      for (const _text of texts) answers.add(String(await client.read(100)));
      expect(answers).toEqual(new Set(texts));
      expect(most).toBeGreaterThanOrEqual(1);
      expect(most).toBeLessThanOrEqual(2);
    },
  },
  {
    title: 'lets a handler answer that was running when it was closed',
    needs: { datagram: 'a connection has a socket of its own' },
    async keep(subject) {
      await using served = await subject.serve();
      using client = await served.client();
      await client.send('wait\n');
      expect(String(await client.read(8))).toBe('waiting\n');
      const closed = served.server.serverClose();
      expect(String(await client.read(4))).toBe('bye\n');
      await closed;
      expect(served.events.reasons).toEqual(['finished']);
    },
  },
];
