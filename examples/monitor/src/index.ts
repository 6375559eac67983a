export { Agent, type AgentEvent, type AgentOptions } from './agent';
export { MonitorError, SendTimeoutError, ServerGoneError } from './errors';
export { asciiHost, type Frame, frame, FRAME_SIZE, type Sample } from './frame';
export { type Counters, type Host, type HostStatus, HostTable, type RejectionKind } from './host-table';
export { MemoryHostTable } from './memory-host-table';
export { MonitorHandler } from './monitor-handler';
export { monitor, monitor as default } from './plugin';
export { type Probe, type Reading, SystemProbe } from './probe';
export { type MonitorSettings, settings } from './settings';
