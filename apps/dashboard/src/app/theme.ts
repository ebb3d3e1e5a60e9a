import { useSyncExternalStore } from 'react';

const NAME = 'sparserec.theme';
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
let theme: Theme = THEMES.find((name) => name === localStorage.getItem(NAME)) ?? 'system';
apply();

/** `color-scheme` decides between the two values of every colour in the style sheets. */
function apply(): void {
  document.documentElement.dataset['theme'] = theme;
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
  return [current, choose];
}

function choose(chosen: Theme): void {
  theme = chosen;
  localStorage.setItem(NAME, chosen);
  apply();
  for (const listener of listeners) listener();
}
