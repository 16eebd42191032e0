// The page of events: the sensor's state, incidents, alerts, and one alert in detail.
import { useEffect } from 'preact/hooks';
import { followAlerts, selected, selectedId } from '../state/alerts.ts';
import { forgetIncidents, loadIncidents } from '../state/incidents.ts';
import { followSensor } from '../state/sensor.ts';
import { AlertDetail } from './alert-detail.tsx';
import { AlertList } from './alert-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { IncidentList } from './incident-list.tsx';
import { listKeys } from './list-keys.ts';
import { TopBar } from './top-bar.tsx';

export function EventsPage() {
  useEffect(() => {
    const stops = [followAlerts(), followSensor(), listKeys(), forgetIncidents];
    void loadIncidents();
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const alert = selected.value;
  return (
    <div class="page">
      <TopBar />
      <main class={alert === undefined ? 'events' : 'events with-detail'}>
        <div class="lists">
          <IncidentList />
          <section class="alerts" aria-label="Alerts">
            <FilterBar />
            <AlertList />
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
