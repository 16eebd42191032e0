// Every decoder of the release against its own sample lines.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileDecoders } from '../../src/logs/normalize.ts';
import { parseLog } from '../../src/logs/parse.ts';
import { loadDecoders } from '../../src/os/decoder-files.ts';

const decoders = loadDecoders('services/syslog-x/decoders');
const normalize = compileDecoders(decoders);
const arrival = { arrivedUs: 1_795_500_000e6, offsetMinutes: 0, sender: '192.0.2.7', transport: 'udp' as const };

test.each(decoders.flatMap(({ name, samples }) => samples.map((sample) => ({ name, ...sample }))))(
  '$name: $line',
  ({ name, line, fields }) => {
    const record = parseLog(line, arrival);
    normalize(record);
    expect({ decoder: record.decoder, fields: { ...record.fields } }).toEqual({ decoder: name, fields });
  },
);

test('a decoder is called like its file', () => {
  const files = readdirSync('services/syslog-x/decoders').sort();
  expect(decoders.map(({ name }) => `${name}.yaml`)).toEqual(files);
});
