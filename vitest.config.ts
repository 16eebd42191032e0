// Two kinds of tests: unit (seconds, no virtual machine) and boot (the real image in QEMU, one machine at a time).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/boot/**'], testTimeout: 60_000 },
      },
      {
        test: {
          name: 'boot',
          include: ['test/boot/**/*.test.ts'],
          fileParallelism: false,
          // A machine without KVM boots in a minute; each machine has a hard stop of its own.
          testTimeout: 10 * 60_000,
          hookTimeout: 15 * 60_000,
        },
      },
    ],
  },
});
