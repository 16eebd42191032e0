import { expect, test } from 'vitest';
import { LEAST_SECONDS } from '../../src/detect/mining.ts';
import { asked } from './dns-records.ts';
import { flowAt, recordOf, seen } from './records.ts';

const talk = (port: number, age: number, app_proto = 'failed') =>
  flowAt(0, '198.51.100.9', port, { age }, { app_proto });

test('a pool by its name, spoken with or only asked for, and by its port', () => {
  expect(seen('mining', [recordOf('tls', { sni: 'pool.supportxmr.com' }, 0)])).toEqual(['10.0.0.5 c2 0.7']);
  expect(seen('mining', [recordOf('http', { hostname: 'eth-eu1.nanopool.org' }, 0)])).toEqual(['10.0.0.5 c2 0.7']);
  expect(seen('mining', [asked('stratum.antpool.com', 0)])).toEqual(['10.0.0.5 c2 0.5']);
  expect(seen('mining', [talk(3333, LEAST_SECONDS)])).toEqual(['10.0.0.5 c2 0.4']);
});

test('near misses: words inside other names, a short talk, a protocol that is known, another port', () => {
  expect(seen('mining', [recordOf('tls', { sni: 'carpool.example' }, 0), asked('www.mynanopools.example', 0)])).toEqual(
    [],
  );
  expect(seen('mining', [talk(3333, LEAST_SECONDS - 1), talk(3333, 900, 'tls'), talk(3334, 900)])).toEqual([]);
});
