import type { ReactNode } from 'react';
import { Explained } from './explained.js';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly meaning: string;
  readonly note?: ReactNode;
}

/** A large number, with what it counts below it. */
export function Figure({ label, value, meaning, note }: FigureProps) {
  return (
    <div className="figure">
      <dt className="figure-label">{label}</dt>
      <dd className="figure-value">
        <Explained meaning={meaning}>{value}</Explained>
        {note !== undefined && <span className="figure-note">{note}</span>}
      </dd>
    </div>
  );
}
