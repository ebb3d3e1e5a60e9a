import { useState } from 'react';

interface TagsFieldProps {
  readonly label: string;
  readonly tags: readonly string[];
  readonly onChange: (tags: string[]) => void;
}

/** Tags one by one, since a tag may have any character in it. */
export function TagsField({ label, tags, onChange }: TagsFieldProps) {
  const [typed, setTyped] = useState('');
  const add = () => {
    const tag = typed.trim();
    if (tag !== '' && !tags.includes(tag)) onChange([...tags, tag]);
    setTyped('');
  };
  return (
    <div className="field">
      <span>{label}</span>
      <ul className="chips" aria-label={label}>
        {tags.map((tag) => (
          <li key={tag}>
            <button
              type="button"
              className="chip"
              aria-label={`Take out ${tag}`}
              onClick={() => onChange(tags.filter((other) => other !== tag))}
            >
              <bdi>{tag}</bdi> <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <div className="beside">
        <input
          aria-label="Another tag"
          placeholder="Another tag"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <button type="button" className="button" disabled={typed.trim() === ''} onClick={add}>
          Add
        </button>
      </div>
    </div>
  );
}
