/**
 * What tests of servers are made of: peers, running servers, recorded events, a check for leaks; and the contract that
 * every strategy keeps.
 *
 * @module
 */
export { type ContractServer, contract } from './contract';
export { LeakCheck, descriptors, expectNoLeaks } from './leaks';
export { type Moment, moment } from './moment';
export { type Ending, Peer } from './peer';
export { RecordedEvents } from './recorded-events';
export { RunningServer } from './running-server';
export { until } from './until';
