// Templates with few holes: {{NAME}}.
import { MssError } from '../../src/errors.ts';

/**
 * Fills the holes of an XML or VMX template; values are escaped for XML attributes, which VMX values survive as well.
 * @throws MssError `input` when a hole has no value, or a value has no hole
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string | number>>): string {
  const used = new Set<string>();
  const text = template.replaceAll(/\{\{([A-Z_]+)\}\}/g, (_hole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new MssError('input', `the template's hole ${name} has no value`);
    used.add(name);
    return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new MssError('input', `the template has no hole ${unused.join(', ')}`);
  return text;
}
