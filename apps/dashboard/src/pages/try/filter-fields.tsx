import { useId, useState } from 'react';
import { useQueryState } from '../../app/use-route.js';
import { Explained } from '../../ui/explained.js';
import { FieldFault } from './field-fault.js';
import { simpleOf, tagsOf, withSimple } from './filter.js';
import { faultOfFilter } from './list-ask.js';

interface FilterProps {
  readonly filter: string;
  readonly fault: string | undefined;
}

/** Which items may be in the list: by a form for what is common, and as the JSON that it becomes. */
export function FilterFields({ filter, fault }: FilterProps) {
  const [, change] = useQueryState();
  const simple = simpleOf(filter);
  const set = (part: Parameters<typeof withSimple>[1]) => change({ filter: withSimple(filter, part) });
  return (
    <details className="fold" open={filter !== '' || undefined}>
      <summary>Filter</summary>
      <TagsField label="Only with one of the tags" tags={simple.any} onChange={(any) => set({ any })} />
      <TagsField label="With none of the tags" tags={simple.none} onChange={(none) => set({ none })} />
      <label className="field">
        <span>Came at most so many days ago</span>
        <input
          type="number"
          min={0}
          value={simple.newest ?? ''}
          onChange={({ target }) =>
            set({ newest: target.value === '' ? null : Math.max(0, Number(target.value)) })
          }
        />
      </label>
      <FilterJson filter={filter} fault={fault} />
    </details>
  );
}

interface TagsProps {
  readonly label: string;
  readonly tags: readonly string[];
  readonly onChange: (tags: string[]) => void;
}

/** Keeps what is typed, commas and all, as long as it means the same. */
function TagsField({ label, tags, onChange }: TagsProps) {
  const [typed, setTyped] = useState(tags.join(', '));
  const shown = tagsOf(typed).join() === tags.join() ? typed : tags.join(', ');
  return (
    <label className="field">
      <span>{label}</span>
      <input
        value={shown}
        placeholder="Comedy, Drama"
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(tagsOf(target.value));
        }}
      />
    </label>
  );
}

const MEANING =
  'All conditions hold for every item: on tags (any, all, none), metadata.NAME (eq, in, gt, gte, lt, lte) and ageDays.';

function FilterJson({ filter, fault }: FilterProps) {
  const [, change] = useQueryState();
  const id = useId();
  const words = faultOfFilter(filter) ?? fault;
  return (
    <div className="field">
      <span className="field-head">
        <Explained meaning={MEANING}>The same as JSON</Explained>
      </span>
      <textarea
        aria-label="Filter as JSON"
        rows={3}
        spellCheck={false}
        placeholder={'{"metadata.year": {"gte": 2000}}'}
        value={filter}
        aria-invalid={words !== undefined}
        aria-describedby={id}
        onChange={({ target }) => change({ filter: target.value })}
      />
      <FieldFault id={id}>{words}</FieldFault>
    </div>
  );
}
