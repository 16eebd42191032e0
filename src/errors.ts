// The one error class, and the catalogue of its codes. A message says what is wrong, where, and what to do.

export type ErrorCode =
  | 'archive' // the event archive refused or failed
  | 'capture' // the kernel ring or the interface
  | 'config' // a configuration value, with its key path
  | 'control' // a privileged job was refused or failed
  | 'engine' // Suricata
  | 'input' // a file or message that cannot be read as what it should be
  | 'io' // a file, disk or share
  | 'locked' // packets are encrypted, and the key that opens them was not given
  | 'network' // an address, interface or peer
  | 'not-found' // asked for something that is not there
  | 'query' // filter words that do not parse
  | 'rule' // a rule or rule set
  | 'store' // the packet store
  | 'usage'; // a command was called wrongly

/**
 * Every failure this product raises on purpose.
 * @param code one of the catalogue above; journal lines and `--json` errors carry it.
 * @param message what is wrong, where (key path, file, offset), and what to do about it.
 */
export class MssError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MssError';
    this.code = code;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
