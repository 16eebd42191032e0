// What `suricata -T` said about a rule file -> which lines it refused, and why.

export interface EngineVerdict {
  /** refused rules by their line in the tested file, from 1 */
  refused: Map<number, string>;
  loaded: number;
  failed: number;
  /** errors that were about no single rule */
  errors: string[];
}

const REFUSED = /^error parsing signature "[\s\S]*" from file .* at line (\d+)$/;
const REASON_CHARS = 200;

/**
 * Parses the engine's messages. The reasons of a refusal stand on the lines before it; so does what the engine repeats
 * of the rule, which is left out.
 */
export function parseEngineVerdict(output: string): EngineVerdict {
  const verdict: EngineVerdict = { refused: new Map(), loaded: 0, failed: 0, errors: [] };
  let reasons: string[] = [];
  for (const line of output.split('\n')) {
    const counts = /(\d+) rules successfully loaded, (\d+) rules failed/.exec(line);
    if (counts !== null) {
      verdict.loaded = Number(counts[1]);
      verdict.failed = Number(counts[2]);
    }
    const message = /^(?:E|Error): [\w-]+: (.*)$/.exec(line)?.[1];
    if (message === undefined) continue;
    const refused = REFUSED.exec(message);
    if (refused === null) {
      reasons.push(message.replace(/ "(alert|drop|pass|reject)[\s\S]*$/, '').slice(0, REASON_CHARS));
      continue;
    }
    verdict.refused.set(Number(refused[1]), reasons.join('; ') || 'the engine gave no reason');
    reasons = [];
  }
  verdict.errors = reasons.filter((reason) => reason !== 'Loading signatures failed.');
  return verdict;
}
