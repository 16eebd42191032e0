// syslog-x: logs of the network's hosts and devices into the event spool, nothing lost that was received.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultConfig } from '../config/parse.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { compileDecoders, type Normalize } from '../logs/normalize.ts';
import type { Service } from '../os/run-service.ts';
import { readSocketDrops } from '../os/socket-drops.ts';
import { type Receiver, receiveTcp, receiveUdp, type StreamSink } from '../os/syslog-sockets.ts';
import { SpoolWriter } from '../spool/writer.ts';
import { type FramingCounts, StreamFramer } from './framing.ts';
import { Intake } from './intake.ts';
import { planFlags, planPorts, portName, type SyslogPort } from './ports.ts';

export interface SyslogXOptions {
  spoolDir: string;
  /** read at the start and at each reload */
  loadLogs: () => SensorConfig['logs'];
  /** the decoders of the release, compiled */
  loadNormalize: () => Normalize;
  /** sockets that systemd passed, by {@link portName} */
  inherited: ReadonlyMap<string, number>;
  /** instead of the configuration's ports, for a machine where those are taken */
  ports?: SyslogPort[];
}

const TICK_MS = 1000;
const DRAIN_MS = 2000;
const TOP_SOURCES = 20;

/** Receives until asked to stop; see {@link SyslogXOptions}. */
export async function runSyslogX(service: Service, options: SyslogXOptions): Promise<void> {
  const writer = new SpoolWriter(options.spoolDir);
  if (writer.tornBytes > 0) service.warn(`cut ${writer.tornBytes} bytes of a torn record off ${writer.dir}`);
  const intake = new Intake((event) => writer.append(event), normalizeOrNot(service, options.loadNormalize));
  const framing: FramingCounts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
  const receivers = new Map<string, Receiver>();
  const failures = new Map<string, string>();
  let wanted = new Set<string>();
  let ignoredMessages = 0;

  const receive = async (port: SyslogPort): Promise<void> => {
    const name = portName(port);
    const fd = options.inherited.get(name);
    const where = fd === undefined ? { port: port.port } : { fd };
    const take = (bytes: Buffer, sender: string) => {
      if (wanted.has(name)) intake.take(bytes, sender, port.transport);
      else ignoredMessages++;
    };
    const onConnection = (sender: string): StreamSink => {
      const framer = new StreamFramer((message) => take(message, sender), framing);
      return { data: (bytes) => framer.push(bytes), end: () => framer.end() };
    };
    try {
      const opened =
        port.transport === 'tcp'
          ? await receiveTcp(where, onConnection)
          : await receiveUdp(where, take, (error) => service.warn(`${name}: ${error.message}`));
      receivers.set(name, opened);
      failures.delete(name);
    } catch (error) {
      const why = messageOf(error);
      if (failures.get(name) !== why) service.warn(why);
      failures.set(name, why);
    }
  };

  const follow = async (logs: SensorConfig['logs']): Promise<void> => {
    const ports = logs.enabled ? (options.ports ?? planPorts(logs)) : [];
    wanted = new Set(ports.map(portName));
    failures.clear();
    for (const port of ports) if (!receivers.has(portName(port))) await receive(port);
  };
  service.onReload(() => follow(options.loadLogs()));

  let said = '';
  const say = (flushFailure: string | undefined) => {
    const names = [...receivers.keys()].filter((name) => wanted.has(name));
    const problems = [...failures.values()];
    if (flushFailure !== undefined) problems.push(`${flushFailure}; ${writer.droppedRecords} messages dropped`);
    const idle = wanted.size === 0 ? 'log management is off' : 'receives nothing';
    const text = [names.length > 0 ? `receives on ${names.join(', ')}` : idle, ...problems].join('; ');
    if (text !== said) service.say(problems.length > 0 ? 'degraded' : 'running', text);
    said = text;
  };

  let before = 0;
  const tick = (seconds: number): void => {
    const flushFailure = writer.flush();
    intake.followZone(new Date());
    intake.sources.turn(seconds);
    const udpPorts = [...receivers].filter(([name]) => name.startsWith('udp')).map(([, receiver]) => receiver.port);
    const all = [...receivers.values()];
    Object.assign(service.counters, {
      receivedMessages: intake.receivedMessages,
      receivedBytes: intake.receivedBytes,
      parsedMessages: intake.parsedMessages,
      rawMessages: intake.rawMessages,
      decodedMessages: intake.decodedMessages,
      emptyMessages: intake.emptyMessages,
      ignoredMessages,
      droppedMessages: writer.droppedRecords,
      kernelDroppedMessages: readSocketDrops(new Set(udpPorts)),
      prunedMessages: writer.prunedRecords,
      refusedConnections: all.reduce((sum, receiver) => sum + receiver.refusedConnections(), 0),
      ...framing,
    });
    Object.assign(service.detail, {
      messagesPerSecond: Math.round((intake.receivedMessages - before) / seconds),
      connections: all.reduce((sum, receiver) => sum + receiver.connections(), 0),
      ports: [...receivers].map(([name, { port, inherited }]) => ({ name, port, inherited })),
      sources: intake.sources.top(TOP_SOURCES),
      sourcesKnown: intake.sources.size,
      sourcesForgotten: intake.sources.forgottenSources,
    });
    before = intake.receivedMessages;
    say(flushFailure);
  };

  // senders do not wait for a person to mend a configuration: until then the defaults receive
  const logsAtStart = () => {
    try {
      return options.loadLogs();
    } catch (error) {
      service.warn(`${messageOf(error)}; receiving as by default until the next reload`);
      return defaultConfig().logs;
    }
  };

  const turn = service.loop('spool');
  await follow(logsAtStart());
  service.ready('receives');
  tick(1);
  for (let lastMs = performance.now(); !service.signal.aborted; ) {
    await delay(TICK_MS, undefined, { signal: service.signal }).catch(() => {});
    const nowMs = performance.now();
    tick(Math.max(0.001, (nowMs - lastMs) / 1000));
    lastMs = nowMs;
    turn();
  }
  await Promise.all([...receivers.values()].map((receiver) => receiver.drain(DRAIN_MS)));
  tick(1);
  writer.close();
}

/** Messages are kept without the decoders, too: a broken release must not cost the logs. */
function normalizeOrNot(service: Service, load: () => Normalize): Normalize {
  try {
    return load();
  } catch (error) {
    service.warn(`${messageOf(error)}; messages are kept without their fields`);
    return compileDecoders([]);
  }
}

/** Tells systemd's socket units, before they start, which ports the configuration leaves closed. */
export function writePortFlags(dir: string, logs: SensorConfig['logs']): void {
  for (const [name, isThere] of Object.entries(planFlags(logs))) {
    const file = `${dir}/${name}`;
    if (!isThere) {
      rmSync(file, { force: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
}
