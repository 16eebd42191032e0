// Three kinds of tests: unit (seconds, no virtual machine), long (minutes, none either) and boot (the real image in
// QEMU, one machine at a time).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/boot/**', 'test/**/*.long.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          fileParallelism: false,
          testTimeout: 60 * 60_000,
          hookTimeout: 15 * 60_000,
        },
      },
      {
        test: {
          name: 'boot',
          include: ['test/boot/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
          fileParallelism: false,
          // A machine without KVM boots in a minute; each machine has a hard stop of its own.
          testTimeout: 10 * 60_000,
          hookTimeout: 15 * 60_000,
        },
      },
    ],
  },
});
