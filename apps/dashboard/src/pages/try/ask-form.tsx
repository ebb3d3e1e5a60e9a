import { useId } from 'react';
import { useFoundItems, useFoundUsers, useTitles } from '../../api/lookups.js';
import { useMay } from '../../api/queries.js';
import { useQueryState } from '../../app/use-route.js';
import { Explained } from '../../ui/explained.js';
import { Search } from '../../ui/forms/search.js';
import { Panel } from '../../ui/panel.js';
import { FieldFault } from './field-fault.js';
import { FilterFields } from './filter-fields.js';
import { readAsk, DEFAULT_K, MOST_K, type ListAsk } from './list-ask.js';
import { ModelFields } from './model-fields.js';
import { PinFields } from './pin-fields.js';

interface FormProps {
  readonly catalog: string;
  /** What the service has found wrong with the request, by field. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Everything that a list can be asked for. It stands in the address, and the list follows at once. */
export function AskForm({ catalog, faults }: FormProps) {
  const [query] = useQueryState();
  const asked = readAsk(query);
  return (
    <Panel title="List for" className="ask">
      <KindChoice kind={asked.kind} />
      {asked.kind === 'user' ? (
        <UserChoice catalog={catalog} user={asked.user} />
      ) : (
        <BasketChoice catalog={catalog} items={asked.items} />
      )}
      <ModelFields catalog={catalog} model={asked.model} />
      <Numbers asked={asked} />
      <FilterFields filter={asked.filter} fault={faults.get('filter')} />
      <TextField
        name="boost"
        label="Boost"
        value={asked.boost}
        placeholder={'score * (1 + tag("Comedy"))'}
        fault={faults.get('boost')}
        meaning="An expression that makes the score of every item anew, over score, popularity, ageDays, tag(“…”) and metadata(“…”)."
      />
      <PinFields catalog={catalog} pins={asked.pins} k={asked.k} />
      <Names catalog={catalog} name="exclude" label="Never answered" ids={asked.exclude} />
      <Names catalog={catalog} name="without" label="As if never had" ids={asked.without} />
    </Panel>
  );
}

function KindChoice({ kind }: { readonly kind: ListAsk['kind'] }) {
  const [, change] = useQueryState();
  return (
    <fieldset className="choice">
      <legend className="sr-only">List for</legend>
      {(['user', 'basket'] as const).map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="kind"
            checked={kind === one}
            onChange={() => change({ for: one === 'user' ? null : one })}
          />
          {one === 'user' ? 'A user' : 'A basket'}
        </label>
      ))}
    </fieldset>
  );
}

function UserChoice({ catalog, user }: { readonly catalog: string; readonly user: string }) {
  const [, change] = useQueryState();
  const may = useMay('people', catalog);
  return (
    <>
      <Search
        label="User"
        placeholder={user === '' ? 'Id of a user' : 'Another user'}
        useFound={(search) => useFoundUsers(catalog, search)}
        onChoose={(id) => change({ user: id, without: null })}
      />
      {user !== '' && (
        <p className="chosen">
          <bdi>{user}</bdi>
        </p>
      )}
      {!may && (
        <p className="note">
          With the scope “people” a key also finds users, and shows what made each score.
        </p>
      )}
    </>
  );
}

function BasketChoice({ catalog, items }: { readonly catalog: string; readonly items: readonly string[] }) {
  const [, change] = useQueryState();
  return (
    <>
      <Search
        label="Add an item"
        placeholder="Title or id"
        useFound={(search) => useFoundItems(catalog, search)}
        onChoose={(id) => change({ item: [...new Set([...items, id])] })}
      />
      <Names catalog={catalog} name="item" label="In the basket" ids={items} />
    </>
  );
}

function Numbers({ asked }: { readonly asked: ListAsk }) {
  return (
    <>
      <Slider
        name="k"
        label="Length"
        value={asked.k}
        range={[1, MOST_K, 1]}
        isDefault={asked.k === DEFAULT_K}
        meaning="How many items the list has (k)."
      />
      <Slider
        name="diversity"
        label="Diversity"
        value={asked.diversity}
        range={[0, 1, 0.05]}
        isDefault={asked.diversity === 0}
        meaning="0 takes the best items, however alike they are; 1 takes items as unlike as possible."
      />
      {asked.kind === 'user' && (
        <Slider
          name="rotation"
          label="Rotation"
          value={asked.rotation}
          range={[0, 1, 0.05]}
          isDefault={asked.rotation === 0}
          meaning="How much lower items rank that such a list has shown to this user lately."
        />
      )}
    </>
  );
}

interface SliderProps {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly range: readonly [low: number, high: number, step: number];
  readonly isDefault: boolean;
  readonly meaning: string;
}

function Slider({ name, label, value, range: [min, max, step], isDefault, meaning }: SliderProps) {
  const [, change] = useQueryState();
  const id = useId();
  return (
    <div className="field slider">
      <span className="field-head">
        <Explained meaning={meaning}>{label}</Explained>
        <output htmlFor={id}>{value}</output>
      </span>
      <input
        id={id}
        type="range"
        aria-label={label}
        {...{ min, max, step, value }}
        onChange={({ target }) => change({ [name]: target.value })}
        onDoubleClick={() => change({ [name]: null })}
        data-default={isDefault}
      />
    </div>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly meaning: string;
  readonly fault: string | undefined;
}

function TextField({ name, label, value, placeholder, meaning, fault }: TextFieldProps) {
  const [, change] = useQueryState();
  const id = useId();
  return (
    <div className="field">
      <span className="field-head">
        <Explained meaning={meaning}>{label}</Explained>
      </span>
      <input
        aria-label={label}
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        aria-invalid={fault !== undefined}
        aria-describedby={id}
        onChange={({ target }) => change({ [name]: target.value })}
      />
      <FieldFault id={id}>{fault}</FieldFault>
    </div>
  );
}

interface NamesProps {
  readonly catalog: string;
  readonly name: string;
  readonly label: string;
  readonly ids: readonly string[];
}

/** Items that were chosen, each with a button that takes it out. */
function Names({ catalog, name, label, ids }: NamesProps) {
  const [, change] = useQueryState();
  const titles = useTitles(catalog, ids);
  if (ids.length === 0) return null;
  return (
    <div className="field">
      <span>{label}</span>
      <ul className="chips">
        {ids.map((id) => (
          <li key={id}>
            <button
              type="button"
              className="chip"
              aria-label={`Take out ${titles.get(id) ?? id}`}
              onClick={() => change({ [name]: ids.filter((other) => other !== id) })}
            >
              <bdi>{titles.get(id) ?? id}</bdi> <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
