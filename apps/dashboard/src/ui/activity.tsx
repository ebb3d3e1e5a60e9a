import { lazy, Suspense } from 'react';
import type { Activity } from '@sparserec/client';
import { daysOf } from './days.js';
import { count, percent, whole } from './format.js';

const DaysChart = lazy(() => import('./days-chart.js'));

/** Interactions by day as a chart, and in words what it shows. */
export function ActivityChart({ activity }: { readonly activity: Activity }) {
  const days = daysOf(activity.days);
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return <p className="note">There are no interactions.</p>;
  const total = days.reduce((sum, { interactions }) => sum + interactions, 0);
  return (
    <>
      {days.length > 1 && (
        <Suspense fallback={<div className="chart" />}>
          <DaysChart days={days} />
        </Suspense>
      )}
      <p className="note">
        {activity.counted < 1 ? `About ${whole(total)} interactions` : count(total, 'interaction')} from{' '}
        {first.date} to {last.date}, by days of UTC
        {activity.counted < 1 && `; estimated from ${percent(activity.counted)} of all`}.
      </p>
    </>
  );
}
