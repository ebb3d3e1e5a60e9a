import { Refused } from '../../api/ask.js';
import { useActivity } from '../../api/queries.js';
import { ActivityChart } from '../../ui/activity.js';
import { Loaded, Panel } from '../../ui/panel.js';

interface OfItem {
  readonly catalog: string;
  readonly id: string;
}

/** How often people had an item, day by day. */
export function Popularity({ catalog, id }: OfItem) {
  const activity = useActivity(catalog, id);
  if (activity.error instanceof Refused && activity.error.status === 404) return null;
  return (
    <Panel title="Popularity over time" asked={activity}>
      <Loaded asked={activity}>{(found) => <ActivityChart activity={found} />}</Loaded>
    </Panel>
  );
}
