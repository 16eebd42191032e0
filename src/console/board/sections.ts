// What is known of the sensor, as lines of plain text: the board crops them, `mss status` prints them all.
import { cut, formatAge, formatBitRate, formatBytes, formatCount, formatTime, plain } from '../format.ts';
import { lossLine } from '../ledger-hour.ts';
import { type InterfaceRate, listeningInterfaces, type SensorSnapshot, type ServiceFacts } from '../sensor-snapshot.ts';
import { serviceMessage, serviceWord } from '../service-state.ts';
import type { SensorDetails } from '../status-details.ts';

export interface BoardModel {
  snapshot: SensorSnapshot;
  details: SensorDetails;
  rates: InterfaceRate[];
}

/** Name and release of the software, of the machine, and the time. */
export function titleLine({ snapshot }: BoardModel): string {
  const release = snapshot.release === undefined ? '' : ` ${plain(snapshot.release)}`;
  return `MetaFlows sensor${release}  ${plain(snapshot.hostName)}  ${formatTime(snapshot.timeMs)} UTC`;
}

/** Which sensor this is, or what to do so that it becomes one. */
export function identityLine({ snapshot }: BoardModel): string {
  const { identity } = snapshot;
  if (identity === undefined) return 'No identity yet: first start is not over';
  if (identity.sensorNumber === 0) return 'Not configured: log in and take item 1 of the menu';
  return `Sensor ${identity.sensorNumber}, standalone`;
}

/** Address of the pages and the certificate's fingerprint, in two halves that fit on 80 columns. */
export function pageLines({ details }: BoardModel): string[] {
  if (details.pages === undefined) return [];
  const { url, fingerprint } = details.pages;
  const half = plain(fingerprint).length > 60 ? Math.ceil((fingerprint.length + 1) / 2) : fingerprint.length;
  return [
    `Pages ${plain(url)}`,
    ...(fingerprint === '' ? [] : [`  certificate SHA-256 ${plain(fingerprint.slice(0, half))}`]),
    ...(fingerprint.length > half ? [`                      ${plain(fingerprint.slice(half))}`] : []),
  ];
}

/** How often it ended by itself, and how it last did. */
function restartNote({ unit, lastExit }: ServiceFacts): string {
  if (lastExit !== undefined) {
    return `[restarted ${lastExit.count}x, ${formatTime(lastExit.timeMs)} ${plain(lastExit.how)}] `;
  }
  return unit?.restarts ? `[restarted ${unit.restarts}x] ` : '';
}

/** One line a service: name, state, its own words. */
export function serviceLines({ snapshot }: BoardModel, width: number): string[] {
  return snapshot.services.map((facts) => {
    const word = serviceWord(facts, snapshot.timeMs);
    const text = `${restartNote(facts)}${plain(serviceMessage(facts, snapshot.timeMs))}`;
    return cut(`${facts.name.padEnd(9)} ${word.padEnd(9)} ${text}`, width).trimEnd();
  });
}

/** The same where lines are few: those at work on one line, each other on its own. */
export function serviceSummary(model: BoardModel, width: number): string[] {
  const { services, timeMs } = model.snapshot;
  const isFine = services.map((facts) => serviceWord(facts, timeMs) === 'running');
  const fine = services.filter((_, i) => isFine[i]).map(({ name }) => name);
  const lines = serviceLines(model, width).filter((_, i) => !isFine[i]);
  return fine.length === 0 ? lines : [cut(`Running   ${fine.join(' ')}`, width), ...lines];
}

/** One line an interface: role, link, addresses or rates, drops. */
export function interfaceLines({ snapshot, details, rates }: BoardModel, width: number): string[] {
  const listening = listeningInterfaces(snapshot);
  return snapshot.interfaces.map((state) => {
    const rate = rates.find(({ name }) => name === state.name);
    const seen = details.listening.find(({ name }) => name === state.name);
    const role = state.master
      ? `in ${state.master}`
      : listening.includes(state)
        ? 'listens'
        : state.addresses.length > 0
          ? 'managed'
          : 'unused';
    const link = !state.up ? 'off' : state.carrier ? 'link up' : 'NO LINK';
    const parts = [
      `${state.name.padEnd(9)} ${role.padEnd(9)} ${link.padEnd(7)}`,
      state.addresses.join(' '),
      rate && `${formatCount(rate.packetsPerSecond)} pkt/s ${formatBitRate(rate.bitsPerSecond)}`,
      seen && `${formatCount(seen.droppedPackets)} dropped`,
    ];
    return cut(parts.filter((part) => part).join('  '), width).trimEnd();
  });
}

/** Packet log, losses, rules, memory: one line each. */
export function stockLines({ snapshot, details }: BoardModel, width: number): string[] {
  const { storage, systemDisk } = snapshot;
  const lines: string[] = [];
  if (storage === undefined) lines.push('Packets   no storage found yet');
  else if (!storage.mounted) lines.push(`Packets   NOT STORED: ${plain(storage.label)} is gone`);
  else {
    const keys =
      details.encryptedFor.length === 0 ? '' : `, encrypted for key ${plain(details.encryptedFor.join(', '))}`;
    lines.push(`Packets   ${plain(storage.label)}: ${formatBytes(storage.freeBytes)} free${keys}`);
  }
  for (const text of storage?.passedOver ?? []) lines.push(`          ${plain(text)}`);
  const loss = lossLine(snapshot.ledger);
  if (loss !== undefined) lines.push(loss);
  if (details.rules !== undefined) {
    const { count, updatedMs } = details.rules;
    const age = updatedMs === undefined ? '' : `, ${formatAge(snapshot.timeMs - updatedMs)} old`;
    lines.push(`Rules     ${formatCount(count)}${age}`);
  }
  const used = snapshot.memory.totalBytes - snapshot.memory.availableBytes;
  lines.push(
    `Machine   memory ${formatBytes(used)} of ${formatBytes(snapshot.memory.totalBytes)}, ` +
      `system disk ${formatBytes(systemDisk.freeBytes)} free of ${formatBytes(systemDisk.totalBytes)}`,
  );
  return lines.map((line) => cut(line, width));
}

/** Newest first. */
export const alertLines = ({ details }: BoardModel, width: number): string[] =>
  [...details.lastAlerts]
    .sort((a, b) => b.timeMs - a.timeMs)
    .map(({ timeMs, src, dest, signature }) =>
      cut(`${formatTime(timeMs)} ${plain(signature)}  ${plain(src)} > ${plain(dest)}`, width),
    );

/** Faults of files first, then the services' own warnings, newest first. */
export const warningLines = ({ snapshot, details }: BoardModel, width: number): string[] => [
  ...snapshot.faults.map((fault) => cut(plain(fault), width)),
  ...details.warnings.map(({ timeMs, service, text }) =>
    cut(`${formatTime(timeMs)} ${service}: ${plain(text)}`, width),
  ),
];
