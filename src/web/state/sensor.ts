// The sensor's state, asked for every few seconds.
import { signal } from '@preact/signals';
import type { SensorStatus } from '../../api/sensor-status.ts';
import { askJson } from '../api-client.ts';

const POLL_MS = 5000;

export const sensor = signal<SensorStatus | undefined>(undefined);
/** the sensor does not answer */
export const silent = signal(false);

export function followSensor(): () => void {
  let stopped = false;
  let timer = 0;
  const poll = async () => {
    try {
      sensor.value = await askJson<SensorStatus>('/api/status');
      silent.value = false;
    } catch {
      silent.value = true;
    }
    if (!stopped) timer = window.setTimeout(poll, POLL_MS);
  };
  void poll();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
  };
}
