// The page of events: the sensor's state, incidents, alerts and the other tables, and one alert in detail.
import { useEffect } from 'preact/hooks';
import { followAlerts, selected, selectedId } from '../state/alerts.ts';
import { forgetIncidents, loadIncidents } from '../state/incidents.ts';
import { table } from '../state/query.ts';
import { followSensor } from '../state/sensor.ts';
import { followTables } from '../state/tables.ts';
import { AlertDetail } from './alert-detail.tsx';
import { AlertList } from './alert-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { IncidentList } from './incident-list.tsx';
import { listKeys } from './list-keys.ts';
import { TableList } from './table-list.tsx';
import { TopBar } from './top-bar.tsx';

export function EventsPage() {
  useEffect(() => {
    const stops = [followAlerts(), followTables(), followSensor(), listKeys(), forgetIncidents];
    void loadIncidents();
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const alert = table.value === 'alerts' ? selected.value : undefined;
  return (
    <div class="page">
      <TopBar />
      <main class={alert === undefined ? 'events' : 'events with-detail'}>
        <div class="lists">
          <IncidentList />
          <section class="alerts" aria-label="Events">
            <FilterBar />
            {table.value === 'alerts' ? <AlertList /> : <TableList name={table.value} />}
          </section>
        </div>
        {alert !== undefined && (
          <AlertDetail
            key={alert.id}
            row={alert}
            close={() => {
              selectedId.value = undefined;
            }}
          />
        )}
      </main>
    </div>
  );
}
