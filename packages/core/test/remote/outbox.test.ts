import { Outbox } from '../../src/remote/outbox';

describe('Outbox', () => {
  /** An outbox that refuses what is negative. */
  function outbox() {
    const sent: number[][] = [];
    const box = new Outbox<number>((items) => {
      if (items.some((item) => item < 0)) throw new RangeError('negative');
      sent.push([...items]);
    });
    return { box, sent };
  }

  it('sends what one turn has as one message, when the turn is over', async () => {
    const { box, sent } = outbox();
    box.add(1);
    box.add(2);
    expect(sent).toEqual([]);
    await null;
    box.add(3);
    await null;
    expect(sent).toEqual([[1, 2], [3]]);
  });

  it('sends at once, after what waits, what may be changed in the next line', async () => {
    const { box, sent } = outbox();
    box.add(1);
    box.addNow(2);
    expect(sent).toEqual([[1, 2]]);
    await null;
    expect(sent).toEqual([[1, 2]]);
  });

  it('sends what waits when it is told to, and then nothing twice', async () => {
    const { box, sent } = outbox();
    box.add(1);
    box.flush();
    box.flush();
    await null;
    expect(sent).toEqual([[1]]);
  });

  it('sends the others when one is refused, in their order', async () => {
    const { box, sent } = outbox();
    box.add(1);
    expect(() => box.addNow(-2)).toThrow('negative');
    box.addNow(3);
    await null;
    expect(sent).toEqual([[1], [3]]);
  });
});
