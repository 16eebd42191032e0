// What a rule from elsewhere may not do: rules are code that the engine runs. Files outside the rule folder,
// files written by rules, and scripts are refused, whatever the engine's own settings say.
import type { Rule } from './rule.ts';

const SCRIPT_OPTIONS = new Set(['lua', 'luajit', 'luaxform']);
const FILE_OPTIONS = new Set(['dataset', 'datarep', 'filemd5', 'filesha1', 'filesha256']);

/** Why a rule is refused, or undefined when it may run. */
export function findForbidden(rule: Rule): string | undefined {
  for (const { name, value } of rule.options) {
    if (SCRIPT_OPTIONS.has(name)) return `runs a script (${name}), which rules may not`;
    if (!FILE_OPTIONS.has(name) || value === undefined) continue;
    const words = value.split(',').map((word) => word.trim());
    for (const word of words) {
      const [key, file] = word.split(/\s+/);
      if (name === 'dataset' && (key === 'save' || key === 'state')) return `writes a file (${name}: ${key})`;
      const path =
        key === 'load' || key === 'save' || key === 'state' ? file : name.startsWith('file') ? key : undefined;
      if (path?.replace(/^!/, '').startsWith('/')) return `names an absolute path (${name}: ${path})`;
      if (path?.split('/').includes('..')) return `names a path outside the rule folder (${name}: ${path})`;
    }
  }
  return undefined;
}
