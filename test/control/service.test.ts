// Every job on every socket of the real server, and what a socket does with bad input.
import { statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../src/api/job.ts';
import { CALLERS, type Caller, UNITS } from '../../src/control/allowed.ts';
import { startControl } from './control-server.ts';

type Server = Awaited<ReturnType<typeof startControl>>;
let server: Server;
afterEach(() => server.close());

const EVERY_JOB: Job[] = [
  ...(['start', 'stop', 'restart', 'reload'] as const).flatMap((job): Job[] => [
    { job },
    ...UNITS.map((unit) => ({ job, unit })),
  ]),
  { job: 'configure', desired: {}, identity: { sensorNumber: 1, type: 'standalone' } },
  { job: 'set-config', desired: {} },
  { job: 'find-storage' },
  { job: 'find-storage', format: '/dev/sdb' },
  { job: 'set-network', management: {}, confirmSeconds: 60 },
  { job: 'confirm-network' },
  { job: 'set-password', password: 'correct horse' },
  { job: 'set-time-zone', timeZone: 'Europe/Berlin' },
  { job: 'ping' },
  { job: 'reset' },
  { job: 'reboot' },
  { job: 'power-off' },
];
const named = (job: Job) => `${job.job}${'unit' in job && job.unit ? ` ${job.unit}` : ''}`;

const MAY: Record<Caller, Set<string>> = {
  console: new Set(EVERY_JOB.map(named)),
  ids: new Set(['ping', 'start suricata', 'stop suricata', 'restart suricata', 'reload suricata']),
};

test('each socket takes its own jobs and refuses all others before they start', async () => {
  const done: string[] = [];
  server = await startControl(async (job) => {
    done.push(named(job));
    return { text: 'ok' };
  });
  for (const caller of CALLERS) {
    for (const job of EVERY_JOB) {
      done.length = 0;
      const asked = server.ask(caller)(job);
      if (MAY[caller].has(named(job))) {
        await asked;
        expect(done).toEqual(job.job === 'ping' ? [] : [named(job)]);
      } else {
        await expect(asked, `${caller}: ${named(job)}`).rejects.toThrow(/may not ask for/);
        expect(done).toEqual([]);
      }
    }
  }
});

test('sockets are closed to others: mode 0660', async () => {
  server = await startControl(async () => ({ text: 'ok' }));
  for (const caller of CALLERS) expect(statSync(server.socketFile(caller)).mode & 0o777).toBe(0o660);
});

const raw = (bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = createConnection(server.socketFile('console'));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.end(bytes);
  });

test.each([
  ['no JSON', 'start\n', /one line of JSON/],
  ['an unknown job', '{"job":"format-everything"}\n', /job refused/],
  ['an unknown unit', '{"job":"restart","unit":"ssh"}\n', /must be one of/],
  ['control itself', '{"job":"stop","unit":"control"}\n', /must be one of/],
  ['a field too many', '{"job":"reboot","when":"now"}\n', /job refused/],
  ['a password of two lines', '{"job":"set-password","password":"a\\nroot:b"}\n', /one line/],
  ['a device outside /dev', '{"job":"find-storage","format":"/dev/../etc/shadow"}\n', /like \/dev\/sdb/],
  ['a line without end', '{"job":"reboot"}', /no end/],
  ['an endless line', 'x'.repeat(2 ** 20 + 1), /may have/],
])('%s is refused with a reason', async (_what, bytes, reason) => {
  server = await startControl(async () => {
    throw new Error('must not be reached');
  });
  const reply = await raw(bytes);
  expect(JSON.parse(reply)).toMatchObject({ type: 'error', text: expect.stringMatching(reason) });
});

test('a refused password is repeated nowhere', async () => {
  server = await startControl(async () => ({ text: 'ok' }));
  expect(await raw('{"job":"set-password","password":"hunter2\\u0007"}\n')).not.toContain('hunter2');
});

test('jobs of one kind wait for one another, jobs of other kinds do not, and too many are refused', async () => {
  const gate = Promise.withResolvers<void>();
  const twoRefused = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  server = await startControl(async (job) => {
    if (job.job === 'confirm-network') return { text: 'kept' };
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
    return { text: job.job };
  });
  const ask = server.ask('console');
  let refused = 0;
  const asked = Array.from({ length: 10 }, () =>
    ask({ job: 'stop' }).catch((error: Error) => {
      if (++refused === 2) twoRefused.resolve();
      return error;
    }),
  );
  expect((await ask({ job: 'confirm-network' })).text).toBe('kept');
  await twoRefused.promise;
  gate.resolve();
  const ends = await Promise.all(asked);
  expect(ends.filter((end) => !(end instanceof Error))).toHaveLength(8);
  expect(ends.find((end) => end instanceof Error)).toMatchObject({ message: expect.stringContaining('8 jobs') });
  expect(most).toBe(1);
});

test('progress arrives before the end, and a failure arrives as what it says', async () => {
  server = await startControl(async (job, progress) => {
    progress('half way');
    if (job.job === 'reboot') throw new Error('no power');
    return { text: 'there', result: { kind: 'disk' } };
  });
  const said: string[] = [];
  const note = (text: string) => said.push(text);
  expect(await server.ask('console')({ job: 'find-storage' }, note)).toEqual({
    text: 'there',
    result: { kind: 'disk' },
  });
  expect(said).toEqual(['half way']);
  await expect(server.ask('console')({ job: 'reboot' }, note)).rejects.toThrow('no power');
  expect(server.outcomes).toEqual([
    { caller: 'console', job: 'find-storage', outcome: 'done' },
    { caller: 'console', job: 'reboot', outcome: 'failed' },
  ]);
});

test('nobody listening is told as such', async () => {
  server = await startControl(async () => ({ text: 'ok' }));
  const { controlOver } = await import('../../src/os/control-client.ts');
  await expect(controlOver('/nonexistent/control.sock')({ job: 'ping' })).rejects.toThrow(/no answer from .*running/);
});
