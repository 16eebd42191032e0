// One line from a socket -> Job. Checks shape only; what a job's document says is checked again by the job itself.
import * as v from 'valibot';
import type { Job } from '../api/job.ts';
import { MssError, messageOf } from '../errors.ts';
import { UNITS } from './allowed.ts';

const named = <const N extends Job['job'], const E extends v.ObjectEntries>(job: N, entries: E) =>
  v.strictObject({ job: v.literal(job), ...entries });

const unit = v.optional(v.picklist(UNITS, `must be one of ${UNITS.join(', ')}`));
/** One line without controls: it becomes one line of another program's input. */
const line = (maxLength: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength), v.regex(/^[^\u0000-\u001f\u007f]*$/, 'must be one line'));

const JobSchema = v.variant('job', [
  named('start', { unit }),
  named('stop', { unit }),
  named('restart', { unit }),
  named('reload', { unit }),
  named('configure', {
    desired: v.unknown(),
    identity: v.strictObject({
      sensorNumber: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999)),
      type: v.literal('standalone'),
    }),
  }),
  named('set-config', { desired: v.unknown() }),
  named('find-storage', {
    format: v.optional(v.pipe(line(64), v.regex(/^\/dev\/[a-z0-9/]+$/, 'must be like /dev/sdb'))),
  }),
  named('set-network', {
    management: v.unknown(),
    confirmSeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600)),
  }),
  named('confirm-network', {}),
  named('set-password', { password: line(256) }),
  named('set-time-zone', { timeZone: v.pipe(line(64), v.regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'no zone')) }),
  named('ping', {}),
  named('reset', {}),
  named('reboot', {}),
  named('power-off', {}),
]);

/** @throws MssError 'control' saying what is wrong; never with the line itself, which may hold a password */
export function parseJob(text: string): Job {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new MssError('control', 'a job is one line of JSON', { cause: messageOf(cause) });
  }
  const result = v.safeParse(JobSchema, document);
  if (result.success) return result.output as Job;
  const faults = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'job'}: ${issue.message.split(' but ')[0]}`);
  throw new MssError('control', `job refused: ${faults.join('; ')}`);
}
