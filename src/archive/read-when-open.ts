// An archive that is still being opened, for those that only read: what they ask waits until it is open.
import { MssError } from '../errors.ts';
import type { ArchiveReader } from './event-archive.ts';

/**
 * @param opening the archive once it is open
 * @param withinMs how long a question waits for that; then it is an MssError 'archive'
 */
export function readWhenOpen(opening: Promise<ArchiveReader>, withinMs: number): ArchiveReader {
  let open: ArchiveReader | undefined;
  opening.then(
    (archive) => {
      open = archive;
    },
    () => {}, // told to whoever asks
  );
  const archive = async (): Promise<ArchiveReader> => {
    if (open !== undefined) return open;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const text = 'the event archive is still being opened; ask again in a minute, or see mss status';
      late.reject(new MssError('archive', text));
    }, withinMs);
    try {
      return await Promise.race([opening, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    search: async (...asked) => (await archive()).search(...asked),
    hosts: async (...asked) => (await archive()).hosts(...asked),
    find: async (...asked) => (await archive()).find(...asked),
    coverage: async (...asked) => (await archive()).coverage(...asked),
  };
}
