// `mss status`: the board's lines without a screen's limits, and the same as JSON records.
import {
  alertLines,
  type BoardModel,
  identityLine,
  interfaceLines,
  pageLines,
  serviceLines,
  stockLines,
  titleLine,
  warningLines,
} from './board/sections.ts';
import { listeningInterfaces } from './sensor-snapshot.ts';
import { serviceMessage, serviceWord } from './service-state.ts';

const WIDTH = 200;

export function renderStatus(model: BoardModel): string {
  const part = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
  return [
    titleLine(model),
    identityLine(model),
    ...pageLines(model),
    ...part('Services', serviceLines(model, WIDTH)),
    ...part('Interfaces', interfaceLines(model, WIDTH)),
    ...stockLines(model, WIDTH),
    ...part('Overridden in settings.sh', model.snapshot.overridden),
    ...part('Last alerts', alertLines(model, WIDTH)),
    ...part('Last warnings', warningLines(model, WIDTH)),
  ].join('\n');
}

/** One record a thing, each with its `type`. */
export function statusRecords({
  snapshot,
  details,
  rates,
}: BoardModel): ({ type: string } & Record<string, unknown>)[] {
  const listening = listeningInterfaces(snapshot);
  return [
    {
      type: 'sensor',
      hostName: snapshot.hostName,
      release: snapshot.release,
      sensorNumber: snapshot.identity?.sensorNumber ?? 0,
      uuid: snapshot.identity?.uuid,
      pages: details.pages,
      rules: details.rules,
      overridden: snapshot.overridden,
      memory: snapshot.memory,
      systemDisk: snapshot.systemDisk,
    },
    ...snapshot.services.map((facts) => ({
      type: 'service',
      name: facts.name,
      state: serviceWord(facts, snapshot.timeMs),
      message: serviceMessage(facts, snapshot.timeMs),
      restarts: facts.unit?.restarts ?? 0,
      lastExit: facts.lastExit && { timeMs: facts.lastExit.timeMs, how: facts.lastExit.how },
      counters: facts.status?.counters ?? {},
    })),
    ...snapshot.interfaces.map((state) => ({
      type: 'interface',
      ...state,
      listens: listening.includes(state),
      ...rates.find(({ name }) => name === state.name),
      capture: details.listening.find(({ name }) => name === state.name),
    })),
    ...(snapshot.ledger === undefined ? [] : [{ type: 'ledger', ...snapshot.ledger }]),
    ...(snapshot.storage === undefined
      ? []
      : [{ type: 'storage', ...snapshot.storage, encryptedFor: details.encryptedFor }]),
    ...details.lastAlerts.map((alert) => ({ type: 'last-alert', ...alert })),
    ...details.warnings.map((warning) => ({ type: 'warning', ...warning })),
    ...snapshot.faults.map((text) => ({ type: 'fault', text })),
  ];
}
