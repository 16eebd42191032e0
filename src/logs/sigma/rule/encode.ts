// The encoding modifiers: a value as it looks inside UTF-16 or Base64. Bytes are kept as a latin1 string on the way,
// so that encodings can follow one another ("wide|base64offset").

export const ENCODINGS = ['utf16le', 'wide', 'utf16be', 'utf16', 'base64', 'base64offset'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The forms that `bytes` takes; several for base64offset, one for each of the three places in a group of bytes. */
export function encode(bytes: string, encoding: Encoding): string[] {
  const buffer = Buffer.from(bytes, 'latin1');
  switch (encoding) {
    case 'wide':
    case 'utf16le':
      return [utf16le(buffer).toString('latin1')];
    case 'utf16be':
      return [utf16le(buffer).swap16().toString('latin1')];
    case 'utf16':
      return [Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le(buffer)]).toString('latin1')];
    case 'base64':
      return [buffer.toString('base64')];
    case 'base64offset':
      return [0, 1, 2].map((offset) => base64At(buffer, offset));
  }
}

/** A text's UTF-8 bytes, as {@link encode} takes them. */
export const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const utf16le = (buffer: Buffer): Buffer => Buffer.from(buffer.toString('utf8'), 'utf16le');

/** Base64 of what stands `offset` bytes into a group of three: only the characters its neighbours have no part in. */
function base64At(buffer: Buffer, offset: number): string {
  // a Base64 character holds 6 bits: 8 bits of a byte before spoil 2 of them, 16 spoil 3; what follows spoils as many
  const spoiledFront = [0, 2, 3][offset];
  const spoiledBehind = [0, 3, 2][(buffer.length + offset) % 3];
  const text = Buffer.concat([Buffer.alloc(offset), buffer]).toString('base64');
  return text.slice(spoiledFront, text.length - spoiledBehind);
}
