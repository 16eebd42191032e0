// Which table is in sight.
import { TABLES, table } from '../state/query.ts';

export function Tabs() {
  return (
    <div class="tabs" role="tablist" aria-label="Events">
      {TABLES.map(([name, label]) => (
        <button
          key={name}
          type="button"
          role="tab"
          class="tab"
          aria-selected={table.value === name}
          onClick={() => {
            table.value = name;
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
