// %name% in values with the modifier `expand`: what stands for it is the owner's own to say, as lists of values.
import * as v from 'valibot';
import { parse as parseYaml } from 'yaml';
import { MssError, messageOf } from '../../../errors.ts';
import { parsePattern, widen } from './pattern.ts';
import { type Piece, refusal } from './rule.ts';

/** Name -> the values it stands for. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

const MAX_FORMS = 10_000;
const PLACEHOLDER = /%([A-Za-z0-9_.-]{1,64})%/;
const PlaceholdersSchema = v.record(v.string(), v.array(v.union([v.string(), v.number()])));

/**
 * Parses a file of `name: [value, ...]` lines.
 * @throws MssError 'input' naming the file and the faulty key
 */
export function parsePlaceholders(yaml: string, file: string): Placeholders {
  try {
    const result = v.safeParse(PlaceholdersSchema, parseYaml(yaml) ?? {});
    if (result.success) {
      return new Map(Object.entries(result.output).map(([name, values]) => [name, values.map(String)]));
    }
    throw new MssError('input', result.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('; '));
  } catch (cause) {
    throw new MssError('input', `placeholders ${file}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * A pattern with each placeholder replaced by each of its values.
 * @throws MssError 'rule' for a placeholder nobody gave values to
 */
export function expandPlaceholders(pieces: readonly Piece[], placeholders: Placeholders): Piece[][] {
  let forms: Piece[][] = [[]];
  for (const piece of pieces) {
    const choices = 'text' in piece ? expandText(piece.text, placeholders) : [[piece]];
    if (forms.length * choices.length > MAX_FORMS) {
      throw refusal('placeholder', `its placeholders make more than ${MAX_FORMS} values`);
    }
    forms = forms.flatMap((form) => choices.map((choice) => widen([...form, ...choice], false, false)));
  }
  return forms;
}

function expandText(text: string, placeholders: Placeholders): Piece[][] {
  const found = PLACEHOLDER.exec(text);
  if (found === null) return [[{ text }]];
  const [whole, name] = found;
  const values = placeholders.get(name);
  if (values === undefined) throw refusal('placeholder', `nothing says what ${whole} stands for`);
  const before: Piece = { text: text.slice(0, found.index) };
  const after = expandText(text.slice(found.index + whole.length), placeholders);
  if (values.length * after.length > MAX_FORMS) {
    throw refusal('placeholder', `its placeholders make more than ${MAX_FORMS} values`);
  }
  return values.flatMap((value) => after.map((rest) => [before, ...parsePattern(value), ...rest]));
}
