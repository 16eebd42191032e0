// Words that pick log rules: an id or name, file:GLOB, level:LEVEL, status:STATUS, product:, service: and category:.
import { MssError } from '../../errors.ts';
import type { SigmaRule } from './rule/rule.ts';

export type LogRulePick = (rule: SigmaRule) => boolean;

/**
 * Parses one word.
 * @throws MssError `usage` for a word that picks nothing
 */
export function parseLogRulePick(word: string): LogRulePick {
  const [, kind, rest] = /^(file|level|status|product|service|category):\s*(\S.*)$/.exec(word.trim()) ?? [];
  switch (kind) {
    case 'file': {
      const glob = rest.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
      const expression = new RegExp(`^${glob.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`);
      return ({ file }) => expression.test(file);
    }
    case 'level':
    case 'status':
      return (rule) => rule[kind] === rest;
    case 'product':
    case 'service':
    case 'category':
      return (rule) => rule.kind === 'detection' && rule.logSource[kind] === rest;
  }
  const wanted = word.trim();
  if (wanted === '' || /\s/.test(wanted)) {
    throw new MssError('usage', `"${word}" picks no log rule; use its id, file:GLOB, level:LEVEL, status:STATUS, …`);
  }
  return ({ id, name }) => id === wanted || name === wanted;
}
