// What every list has around its rows: why it failed, why it is empty, and the way to older rows.
import type { ComponentChildren } from 'preact';

interface ListFrameProps {
  /** column heads: class and text */
  columns: readonly (readonly [name: string, label: string])[];
  empty: boolean;
  loading: boolean;
  failure?: string;
  nothing?: string;
  /** absent: there are no older rows */
  loadMore?: () => void;
  children: ComponentChildren;
}

export function ListFrame({ columns, empty, loading, failure, nothing, loadMore, children }: ListFrameProps) {
  return (
    <div class="list" aria-busy={loading}>
      {failure !== undefined && (
        <p class="refusal banner" role="alert">
          {failure}
        </p>
      )}
      <table>
        <thead>
          <tr>
            {columns.map(([name, label]) => (
              <th key={label} class={name}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {empty && !loading && failure === undefined && <p class="empty">{nothing ?? 'Nothing yet.'}</p>}
      {loadMore !== undefined && (
        <p class="more">
          <button type="button" onClick={loadMore} disabled={loading}>
            {loading ? 'Loading…' : 'Older ones'}
          </button>
        </p>
      )}
    </div>
  );
}
