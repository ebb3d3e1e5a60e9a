import { score as inDigits } from '../../ui/format.js';
import { segmentsOf, type Part } from './parts.js';

interface ScoreBarProps {
  readonly parts: readonly Part[];
  readonly score: number;
  /** What the whole width stands for. */
  readonly reach: number;
}

/** A score as the sum of its parts: what raises it from the left on, what lowers it back from the right. */
export function ScoreBar({ parts, score, reach }: ScoreBarProps) {
  const at = (x: number) => `${(Math.max(0, x) / reach) * 100}%`;
  if (reach <= 0) return null;
  const segments = parts.length > 0 ? segmentsOf(parts) : [{ itemId: null, part: score, from: 0, to: score }];
  return (
    <span className="score-bar" role="img" aria-label={`Score ${inDigits(score)}, of ${parts.length} parts`}>
      {segments.map(({ itemId, part, from, to }, place) => (
        <span
          key={`${itemId ?? ''}${String(part > 0)}`}
          className={part > 0 ? `segment segment-${Math.min(place, 5)}` : 'segment segment-lowers'}
          style={{ left: at(Math.min(from, to)), width: at(Math.abs(to - from)) }}
        />
      ))}
      <span className="score-mark" style={{ left: at(score) }} />
    </span>
  );
}
