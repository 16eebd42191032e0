// Named values of a record, whatever it holds: lists joined, records nested, all of it as text.
interface FactsProps {
  facts: Readonly<Record<string, unknown>>;
  depth?: number;
}

const DEEPEST = 3;
const LONGEST = 2000;

export function Facts({ facts, depth = 0 }: FactsProps) {
  return (
    <dl>
      {Object.entries(facts).map(([name, value]) =>
        value === undefined || value === null || value === '' ? null : (
          <div key={name}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>
              <Value value={value} depth={depth} />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }) {
  if (typeof value !== 'object' || value === null) return <>{short(String(value))}</>;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return <>{short(value.join(', '))}</>;
  if (depth >= DEEPEST) return <>{short(JSON.stringify(value))}</>;
  return <Facts facts={{ ...value } as Record<string, unknown>} depth={depth + 1} />;
}

const short = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);
