// Who this sensor is, how it does, and who is logged in.
import type { SensorStatus } from '../../api/sensor-status.ts';
import type { ServiceStatus } from '../../api/status.ts';
import { ageOf, bitRate, bytes, count } from '../format.ts';
import { sensor, silent } from '../state/sensor.ts';
import { logOut, session } from '../state/session.ts';
import { Mark } from './mark.tsx';

/** Status files are rewritten every second. */
const SILENT_AFTER_MS = 15_000;
const RULES_OLD_MS = 3 * 86_400_000;

export function TopBar() {
  const status = sensor.value;
  const who = session.value.kind === 'in' ? session.value.who.name : '';
  return (
    <header class="top">
      <h1>
        <Mark /> {status?.name ?? 'sensor'}
      </h1>
      <div class="strip" role="status">
        {silent.value ? <span class="chip bad">the sensor does not answer</span> : status && <Strip status={status} />}
      </div>
      <div class="who">
        <span>{who}</span>
        <button type="button" class="quiet" onClick={() => void logOut()}>
          Log out
        </button>
      </div>
    </header>
  );
}

function Strip({ status }: { status: SensorStatus }) {
  return (
    <>
      <Services status={status} />
      <Traffic status={status} />
      <Rules status={status} />
      <PacketLog status={status} />
    </>
  );
}

function Services({ status }: { status: SensorStatus }) {
  const lasting = status.services.filter(({ service }) => service !== 'firstboot');
  const ill = lasting.filter((service) => stateOf(service, status.nowMs) !== 'running');
  return (
    <details class="services">
      <summary class={`chip ${ill.length === 0 ? 'good' : 'bad'}`}>
        {ill.length === 0
          ? `${lasting.length} ${lasting.length === 1 ? 'service' : 'services'} running`
          : ill.map((service) => `${service.service} ${stateOf(service, status.nowMs)}`).join(', ')}
      </summary>
      <table>
        <tbody>
          {lasting.map((service) => (
            <tr key={service.service}>
              <td>{service.service}</td>
              <td class={stateOf(service, status.nowMs) === 'running' ? 'good' : 'bad'}>
                {stateOf(service, status.nowMs)}
              </td>
              <td>{service.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function stateOf({ state, updatedMs }: ServiceStatus, nowMs: number): string {
  return state !== 'stopped' && nowMs - updatedMs > SILENT_AFTER_MS ? 'silent' : state;
}

function Traffic({ status }: { status: SensorStatus }) {
  const capture = status.services.find(({ service }) => service === 'capture');
  if (capture === undefined) return <span class="chip bad">no capture</span>;
  const interfaces = listOf(capture.detail.interfaces);
  const sum = (name: string) => interfaces.reduce((total, each) => total + numberOf(each[name]), 0);
  const dropped = sum('droppedPackets');
  const received = sum('receivedPackets');
  return (
    <>
      <span class="chip" title={`${count(received)} packets received`}>
        {bitRate(sum('bitsPerSecond'))} · {count(sum('packetsPerSecond'))} pkt/s
      </span>
      <span class={`chip ${dropped > 0 ? 'bad' : 'good'}`} title="Packets lost before they were stored">
        {count(dropped)} lost
      </span>
    </>
  );
}

function Rules({ status }: { status: SensorStatus }) {
  const rules = recordOf(status.services.find(({ service }) => service === 'ids')?.detail.rules);
  if (rules === undefined || typeof rules.count !== 'number') return <span class="chip bad">no rules</span>;
  const ageMs = typeof rules.updatedMs === 'number' ? status.nowMs - rules.updatedMs : undefined;
  return (
    <span class={`chip ${ageMs !== undefined && ageMs > RULES_OLD_MS ? 'bad' : ''}`}>
      {count(rules.count)} rules{ageMs !== undefined && `, ${ageOf(ageMs)} old`}
    </span>
  );
}

function PacketLog({ status }: { status: SensorStatus }) {
  const { storage } = status;
  if (storage === undefined) return <span class="chip bad">no packet log</span>;
  if (storage.freeBytes === undefined) return <span class="chip bad">packet log is gone: {storage.label}</span>;
  return (
    <span class="chip" title={`Packet log on ${storage.label}`}>
      packets: {bytes(storage.freeBytes)} free of {bytes(storage.totalBytes)}
    </span>
  );
}

type Fields = Record<string, unknown>;
const recordOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined;
const listOf = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.map(recordOf).filter((fields) => fields !== undefined) : [];
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
