import { useSyncExternalStore } from 'react';
import { CopyText } from '../../ui/copy-text.js';
import { Panel } from '../../ui/panel.js';

/** A key that was just made. */
interface MadeKey {
  readonly name: string;
  readonly token: string;
}

const listeners = new Set<() => void>();
/** Beside the page: with a new key of its own everything on it is asked for anew. */
let made: MadeKey | null = null;

/** Shows a key, the one time that it is seen; null takes it away. */
export function showMadeKey(key: MadeKey | null): void {
  made = key;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key that was made last, until somebody says that it is stored. */
export function MadeKeyPanel() {
  const key = useSyncExternalStore(subscribe, () => made);
  return (
    <div role="status" className="wide">
      {key && (
        <Panel title="The new key">
          <p>
            Nobody can read the key “<bdi>{key.name}</bdi>” again. Copy it now:
          </p>
          <CopyText label="The new key" text={key.token} />
          <p>
            <button type="button" className="button" onClick={() => showMadeKey(null)}>
              It is stored
            </button>
          </p>
        </Panel>
      )}
    </div>
  );
}
