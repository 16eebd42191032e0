// Log records for the detectors' tests, with only what a test says and sensible rest.
import type { LogRecord } from '../../src/api/log-record.ts';

export const NOON_US = Date.UTC(2026, 10, 24, 12) * 1000;

export const logRecord = (fields: Record<string, string>, more: Partial<LogRecord> = {}): LogRecord => ({
  timeUs: NOON_US,
  arrivedUs: NOON_US,
  sender: '192.0.2.250',
  transport: 'udp',
  host: 'web1',
  app: 'sshd',
  message: '',
  raw: '',
  format: '3164',
  decoder: 'sshd',
  fields,
  ...more,
});

export const loginLog = (
  outcome: 'success' | 'failure',
  source: string,
  fields: Record<string, string> = {},
  timeUs = NOON_US,
): LogRecord =>
  logRecord({ action: 'login', outcome, method: 'password', user: 'root', source, ...fields }, { timeUs });
