// A message's fields as they were found, bounded in number.

export type Fields = Record<string, string>;

/** More fields than this are not taken from one message; its raw text has them all. */
export const MAX_FIELDS = 256;

// Object.create(null) would make a hash table of each, which takes twice as long to fill, read and write out.
const Empty = function Empty() {} as unknown as new <T>() => Record<string, T>;
Empty.prototype = Object.create(null);

/** An empty record, in which "__proto__" is a name like any other. */
export const newRecord = <T>(): Record<string, T> => new Empty<T>();

export const newFields = (): Fields => newRecord<string>();
