import { chooseWays } from '../../src/hand-off/way';
import * as libc from '../../src/libc';
import { errorLike } from '../loopback';
import { obstacle } from './workers';

const canTransfer = obstacle('native', 'TCP') === null;

describe('the way of handing over', () => {
  const before = process.env.SOCKETSERVER_HAND_OFF;
  beforeEach(() => delete process.env.SOCKETSERVER_HAND_OFF);
  afterEach(() => {
    jest.restoreAllMocks();
    if (before === undefined) delete process.env.SOCKETSERVER_HAND_OFF;
    else process.env.SOCKETSERVER_HAND_OFF = before;
  });

  const withoutKoffi = (): void => void jest.spyOn(libc, 'canDuplicate').mockReturnValue(false);

  it('is a duplicate where that can be had', async () => {
    jest.spyOn(libc, 'canDuplicate').mockReturnValue(true);
    expect(await chooseWays()).toEqual({ tcp: 'duplicate', unix: 'duplicate' });
  });

  it('is otherwise what Node can transfer, or else a relay', async () => {
    withoutKoffi();
    expect(await chooseWays()).toEqual({ tcp: canTransfer ? 'native' : 'relay', unix: 'relay' });
  });

  it('is what the environment asks for', async () => {
    process.env.SOCKETSERVER_HAND_OFF = 'relay';
    expect(await chooseWays()).toEqual({ tcp: 'relay', unix: 'relay' });
  });

  it('is what an option asks for, whatever the environment says', async () => {
    process.env.SOCKETSERVER_HAND_OFF = 'nonsense';
    expect(await chooseWays('relay')).toEqual({ tcp: 'relay', unix: 'relay' });
  });

  it('must be one that exists and works here', async () => {
    withoutKoffi();
    const unavailable = errorLike({ code: 'ERR_HAND_OFF_WAY', name: 'UnsupportedError' });
    await expect(chooseWays('nonsense')).rejects.toEqual(unavailable);
    await expect(chooseWays('duplicate')).rejects.toEqual(unavailable);
    if (!canTransfer) await expect(chooseWays('native')).rejects.toEqual(unavailable);
  });

  (canTransfer ? it : it.skip)('goes on for Unix sockets where only TCP can be transferred (Node 24.21)', async () => {
    withoutKoffi();
    expect(await chooseWays('native')).toEqual({ tcp: 'native', unix: 'relay' });
  });
});
