/**
 * What tests of servers are made of: peers, running servers, recorded events, a check for leaks, programs in processes of
 * their own; the contract that every strategy keeps, and faults by chance.
 *
 * @module
 */
export { type ContractTerms, type DatagramTerms, type Listen, type StreamTerms, contract } from './contract';
export type { Client, StreamClient } from './contract-client';
export { DatagramPeer } from './datagram-peer';
export { TestingError } from './errors';
export { type FaultEcho, faultEchoes } from './fault-echoes';
export { type FaultSubject, runFaults } from './fault-run';
export {
  type FaultSchedule,
  type FaultStep,
  type PeerStep,
  type ServerStep,
  describeStep,
  faultSchedule,
} from './fault-schedule';
export { LeakCheck, descriptors, expectNoLeaks } from './leaks';
export { type Moment, moment } from './moment';
export { type Ending, Peer } from './peer';
export { Program, type ProgramOptions, endPrograms } from './program';
export { describeWithPython, python, pythonServer } from './python';
export { Random } from './random';
export { RecordedEvents } from './recorded-events';
export { RunningServer } from './running-server';
export { settled } from './settled';
export { leftovers } from './soak/leftovers';
export { type Look, type SoakSize, type Soaked, soak } from './soak/soak';
export type { Usage } from './soak/usage';
export { SocketFolder } from './socket-folder';
export { strategyContract } from './strategy-contract';
export { until } from './until';
