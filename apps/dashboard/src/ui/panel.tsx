import { useId, type ReactNode } from 'react';
import { wordsOf } from '../api/ask.js';
import { POLL_MS } from '../api/queries.js';
import { duration } from './format.js';
import { useNow } from './use-now.js';

/** As a query knows it. */
export interface Asked {
  readonly dataUpdatedAt: number;
  readonly error: Error | null;
  readonly isPending: boolean;
}

interface PanelProps {
  readonly title: string;
  /** Of the numbers within, for their age. */
  readonly asked?: Asked | undefined;
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A part of a page under a heading of its own. */
export function Panel({ title, asked, aside, className = '', children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {asked && <Age asked={asked} />}
        {aside && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** How old numbers are that are older than they should be. */
export function Age({ asked }: { readonly asked: Asked }) {
  const now = useNow();
  const { dataUpdatedAt: at, error } = asked;
  const age = now - at;
  if (at === 0 || age < POLL_MS + 1_000) return null;
  return (
    <span className={`age ${error ? 'age-stale' : ''}`} title={error ? wordsOf(error) : undefined}>
      as of {duration(age)} ago
    </span>
  );
}

interface LoadedProps<T> {
  readonly asked: Asked & { readonly data: T | undefined };
  readonly children: (data: T) => ReactNode;
}

/** What was answered last, or that it is awaited, or why there is nothing. */
export function Loaded<T>({ asked, children }: LoadedProps<T>) {
  if (asked.data !== undefined) return children(asked.data);
  if (asked.error) return <p className="note note-bad">{wordsOf(asked.error)}</p>;
  return <p className="note">Loading …</p>;
}
