// One message as its possible formats read it, each read once however many patterns ask for it.
import { readColumns, type Separator } from './columns.ts';
import type { Fields } from './fields.ts';
import { readJson } from './json.ts';
import { readKeyValue } from './key-value.ts';

export class MessageBody {
  readonly text: string;
  #pairs: Fields | undefined;
  #json: Fields | undefined | 'none';
  readonly #columns = new Map<Separator, string[]>();

  /** parameters of its structured data, where a decoder reads those */
  readonly data: Fields | undefined;

  constructor(text: string, data?: Fields) {
    this.text = text;
    this.data = data;
  }

  get pairs(): Fields {
    this.#pairs ??= readKeyValue(this.text);
    return this.#pairs;
  }

  /** undefined where the text is no JSON object */
  get json(): Fields | undefined {
    this.#json ??= readJson(this.text) ?? 'none';
    return this.#json === 'none' ? undefined : this.#json;
  }

  columns(separator: Separator): string[] {
    let columns = this.#columns.get(separator);
    if (columns === undefined) {
      columns = readColumns(this.text, separator);
      this.#columns.set(separator, columns);
    }
    return columns;
  }
}
