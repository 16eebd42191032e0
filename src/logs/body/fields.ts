// A message's fields as they were found, bounded in number.

export type Fields = Record<string, string>;

/** More fields than this are not taken from one message; its raw text has them all. */
export const MAX_FIELDS = 256;

/** An empty set of fields, in which "__proto__" is a name like any other. */
export const newFields = (): Fields => Object.create(null);
