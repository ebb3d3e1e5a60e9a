import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react';
import type { Found } from '../../api/lookups.js';

interface SearchProps {
  readonly label: string;
  readonly placeholder: string;
  /** Finds what begins with a text; a hook. */
  readonly useFound: (search: string) => { readonly data: readonly Found[] | undefined };
  readonly onChoose: (id: string) => void;
}

/**
 * A field that finds somebody or something while one types; any other id can be taken as it was typed. A
 * combobox by the ARIA pattern: that of the component library hides the rest of the page from screen readers.
 */
export function Search({ label, placeholder, useFound, onChoose }: SearchProps) {
  const [typed, setTyped] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [marked, setMarked] = useState(0);
  const id = useId();
  const offered = useOffered(useFound, typed);
  const place = Math.min(marked, offered.length - 1);
  const choose = (found: Found | undefined) => {
    if (!found) return;
    onChoose(found.id);
    setTyped('');
    setOpen(false);
  };
  const move = (step: number) => {
    setOpen(true);
    setMarked(isOpen ? (place + step + offered.length) % Math.max(1, offered.length) : 0);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => choose(isOpen ? offered[place] : undefined),
    Escape: () => setOpen(false),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <div className="field search">
      <label htmlFor={id}>{label}</label>
      <input
        {...{ id, placeholder, onKeyDown }}
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-expanded={isOpen}
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && offered.length > 0 ? `${id}${place}` : undefined}
        value={typed}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={({ target }) => {
          setTyped(target.value);
          setMarked(0);
          setOpen(true);
        }}
      />
      <Offers id={id} label={label} isOpen={isOpen} offered={offered} place={place} onChoose={choose} />
    </div>
  );
}

/** What was found, and what was typed if it is none of that. */
function useOffered(useFound: SearchProps['useFound'], typed: string): readonly Found[] {
  const search = useDeferredValue(typed.trim());
  const { data = [] } = useFound(search);
  const isKnown = search === '' || data.some(({ id }) => id === search);
  return isKnown ? data : [...data, { id: search, title: 'As typed' }];
}

interface OffersProps {
  readonly id: string;
  readonly label: string;
  readonly isOpen: boolean;
  readonly offered: readonly Found[];
  readonly place: number;
  readonly onChoose: (found: Found) => void;
}

function Offers({ id, label, isOpen, offered, place, onChoose }: OffersProps) {
  return (
    <ul
      id={`${id}list`}
      role="listbox"
      aria-label={label}
      className="popup"
      hidden={!isOpen || offered.length === 0}
    >
      {offered.map((found, at) => (
        <li
          key={found.id}
          id={`${id}${at}`}
          role="option"
          aria-selected={at === place}
          className="popup-item"
          // Before the field loses the focus, and the list with it.
          onPointerDown={(event) => {
            event.preventDefault();
            onChoose(found);
          }}
        >
          <bdi>{found.title ?? found.id}</bdi>
          {found.title !== null && (
            <small>
              <bdi>{found.id}</bdi>
            </small>
          )}
        </li>
      ))}
    </ul>
  );
}
