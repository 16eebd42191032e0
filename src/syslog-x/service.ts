// syslog-x: logs of the network's hosts and devices into the event spool, nothing lost that was received.
import { setTimeout as delay } from 'node:timers/promises';
import type { SensorEvent } from '../api/event.ts';
import { defaultConfig } from '../config/parse.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { compileDecoders, type Normalize } from '../logs/normalize.ts';
import { readInterfaceAddresses } from '../os/own-addresses.ts';
import type { Service } from '../os/run-service.ts';
import { readSocketDrops } from '../os/socket-drops.ts';
import type { Classify } from '../respond/classification.ts';
import { Forwarder } from '../respond/siem/forwarder.ts';
import { SpoolWriter } from '../spool/writer.ts';
import { Intake } from './intake.ts';
import { Listeners } from './listeners.ts';
import { LogClasses } from './log-classes.ts';
import { LogRules, type LogRulesOptions } from './log-rules.ts';
import { planForward } from './plan-forward.ts';
import { planPorts, type SyslogPort } from './ports.ts';
import { SniffedLogs } from './sniffed-logs.ts';
import { TlsFollower } from './tls-follower.ts';

export interface SyslogXOptions {
  spoolDir: string;
  /** read at the start and at each reload */
  loadLogs: () => SensorConfig['logs'];
  /** a person's classes, read when the others are */
  loadClassify: () => Classify;
  /** the decoders of the release, compiled */
  loadNormalize: () => Normalize;
  /** the rules that each message is matched with, and where they keep what they learn */
  rules: Pick<LogRulesOptions, 'load' | 'memoryFile'>;
  /** where it is kept what was forwarded */
  forwardBookmarkFile: string;
  /** the stream of what capture saw on the mirror, and where it is kept how far that was read */
  sniffed: { spoolDir: string; bookmarkFile: string };
  /** sockets that systemd passed, by their names */
  inherited: ReadonlyMap<string, number>;
  /** instead of the configuration's ports, for a machine where those are taken */
  ports?: SyslogPort[];
}

const TICK_MS = 1000;
// a port that could not be had is asked for again after so many ticks
const RETRY_TICKS = 30;
const DRAIN_MS = 5000;
const TOP_SOURCES = 20;

/** Receives until asked to stop; see {@link SyslogXOptions}. */
export async function runSyslogX(service: Service, options: SyslogXOptions): Promise<void> {
  const writer = new SpoolWriter(options.spoolDir);
  if (writer.tornBytes > 0) service.warn(`cut ${writer.tornBytes} bytes of a torn record off ${writer.dir}`);
  const classes = new LogClasses();
  const append = (event: SensorEvent) => {
    for (const kept of classes.apply(event)) writer.append(kept);
  };
  const rules = new LogRules({ ...options.rules, append, warn: (text) => service.warn(text) });
  const intake = new Intake(append, normalizeOrNot(service, options.loadNormalize), (log) => {
    if (classes.isMatched(log)) rules.match(log);
  });
  const listeners = new Listeners(
    options.inherited,
    (bytes, sender, transport) => intake.take(bytes, sender, transport),
    (text) => service.warn(text),
  );
  const tls = new TlsFollower(service, listeners);
  const forwarder = new Forwarder({
    spoolDir: options.spoolDir,
    stream: 'syslog-x',
    render: (event) => (event.type === 'log' ? event.log.raw : undefined),
    bookmarkFile: options.forwardBookmarkFile,
    // what came before anybody asked stays here
    firstRecord: () => writer.nextRecord,
  });
  const sniffed = new SniffedLogs({
    ...options.sniffed,
    take: (payload, source, timeUs) => intake.take(payload, source, 'sniffed', timeUs),
  });
  const follow = (logs: SensorConfig['logs']) => {
    try {
      classes.set(options.loadClassify());
    } catch (error) {
      service.warn(`${messageOf(error)}; the classes before stay in force`);
    }
    intake.sources.setLimit(logs.maxPerSource);
    tls.follow(logs);
    rules.load(logs);
    forwarder.configure(planForward(logs));
    return listeners.follow(logs.enabled ? (options.ports ?? planPorts(logs)) : []);
  };
  service.onReload(() => follow(options.loadLogs()));

  const report = reporter(service, { writer, intake, classes, rules, listeners, tls, forwarder, sniffed });
  const turn = service.loop('spool');
  await follow(logsAtStart(service, options.loadLogs));
  service.ready('receives');
  const forwarding = forwarder.run(service.signal);
  report(TICK_MS);
  let lastMs = performance.now();
  for (let ticks = 1; !service.signal.aborted; ticks++) {
    await delay(TICK_MS, undefined, { signal: service.signal }).catch(() => {});
    if (ticks % RETRY_TICKS === 0) await listeners.openMissing();
    const nowMs = performance.now();
    report(nowMs - lastMs);
    lastMs = nowMs;
    turn();
  }
  await Promise.all([listeners.drain(DRAIN_MS), forwarding]);
  report(TICK_MS);
  rules.remember();
  writer.close();
}

interface Parts {
  writer: SpoolWriter;
  intake: Intake;
  classes: LogClasses;
  rules: LogRules;
  listeners: Listeners;
  tls: TlsFollower;
  forwarder: Forwarder;
  sniffed: SniffedLogs;
}

/** A function that flushes the spool and renews the status, told how long ago it last did. */
function reporter(
  service: Service,
  { writer, intake, classes, rules, listeners, tls, forwarder, sniffed }: Parts,
): (elapsedMs: number) => void {
  let said = '';
  let failed = false;
  let counted = 0;
  return (elapsedMs) => {
    const ports = listeners.udpPorts;
    let own: Set<string> | undefined;
    sniffed.read((address, port) => {
      if (!ports.has(port)) return false;
      own ??= new Set(readInterfaceAddresses());
      return own.has(address);
    });
    const failure = writer.flush();
    if (failure === undefined) sniffed.keep();
    if (failure !== undefined && !failed) service.warn(failure);
    failed = failure !== undefined;
    const unsafe = writer.takeSyncFailure();
    if (unsafe !== undefined) service.warn(`log events are not safe on disk: ${messageOf(unsafe)}`);
    const seconds = Math.max(elapsedMs, 1) / 1000;
    intake.turn(new Date(), seconds);
    rules.turn(Date.now());
    Object.assign(service.counters, {
      ...intake.counters,
      ...rules.counters,
      ...classes.counters,
      ...listeners.framing,
      ...sniffed.counters,
      ignoredMessages: listeners.ignoredMessages,
      droppedMessages: writer.droppedRecords,
      prunedMessages: writer.prunedRecords,
      kernelDroppedMessages: readSocketDrops(listeners.udpPorts),
      limitedMessages: intake.sources.limitedMessages,
      refusedConnections: listeners.refusedConnections,
      failedHandshakes: listeners.failedHandshakes,
      forwardedMessages: forwarder.sentMessages,
      unforwardedMessages: forwarder.lostMessages,
    });
    Object.assign(service.detail, {
      messagesPerSecond: Math.round((intake.counters.receivedMessages - counted) / seconds),
      connections: listeners.connections,
      ports: listeners.ports,
      logRules: rules.detail,
      sources: intake.sources.top(TOP_SOURCES),
      sourcesKnown: intake.sources.size,
      sourcesForgotten: intake.sources.forgottenSources,
    });
    counted = intake.counters.receivedMessages;

    const { names, isOff, problems } = listeners;
    for (const { problem } of [tls, forwarder, sniffed]) if (problem !== undefined) problems.push(problem);
    if (failure !== undefined) problems.push(`${failure}; ${writer.droppedRecords} messages dropped`);
    const idle = isOff ? 'log management is off' : 'receives nothing';
    const text = [names.length > 0 ? `receives on ${names.join(', ')}` : idle, ...problems].join('; ');
    if (text !== said) service.say(problems.length > 0 ? 'degraded' : 'running', text);
    said = text;
  };
}

/** Senders do not wait for a person to mend a configuration: until then the defaults receive. */
function logsAtStart(service: Service, load: () => SensorConfig['logs']): SensorConfig['logs'] {
  try {
    return load();
  } catch (error) {
    service.warn(`${messageOf(error)}; receiving as by default until the next reload`);
    return defaultConfig().logs;
  }
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
