import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../../src/detect/bounded-map.ts';

test('what is touched stays, what is not goes, and is counted', () => {
  const map = new BoundedMap<number>(10);
  map.set('kept', 1);
  for (let i = 0; i < 100; i++) {
    map.take(`passing ${i}`, () => i);
    expect(map.take('kept', () => -1)).toBe(1);
  }
  expect(map.get('passing 0')).toBeUndefined();
  expect(map.get('passing 99')).toBe(99);
  expect(map.evictedKeys).toBeGreaterThan(80);
});

test('never more than the bound, the last half always, and none lost uncounted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 300 }),
      fc.integer({ min: 2, max: 20 }),
      (keys, max) => {
        const map = new BoundedMap<number>(max);
        let made = 0;
        for (const key of keys) map.take(String(key), () => made++);
        const held = [...new Set(keys)].filter((key) => map.get(String(key)) !== undefined);
        expect(held.length).toBeLessThanOrEqual(max);
        expect(held.length + map.evictedKeys).toBe(made);
        const last = [...new Set([...keys].reverse())].slice(0, max >> 1);
        expect(last.filter((key) => map.get(String(key)) === undefined)).toEqual([]);
      },
    ),
  );
});
