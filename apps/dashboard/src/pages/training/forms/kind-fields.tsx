import { useId } from 'react';
import type { ModelParameter } from '@sparserec/client';
import { Explained } from '../../../ui/explained.js';
import { isKind, KINDS, type Kind } from './kinds.js';
import { faultOf, hintOf, shownFields, type Typed } from './parameters.js';

interface KindFieldsProps {
  readonly kind: Kind;
  readonly onKind: (kind: Kind) => void;
  /** Of the kind. */
  readonly fields: readonly ModelParameter[];
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
}

/** Which kind of model, and its parameters as the service says that they are. */
export function KindFields({ kind, onKind, fields, typed, onTyped }: KindFieldsProps) {
  return (
    <>
      <label className="field">
        <span>Kind of model</span>
        <select value={kind} onChange={({ target: { value } }) => isKind(value) && onKind(value)}>
          {Object.keys(KINDS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <p className="note">{KINDS[kind]}</p>
      {fields.length > 0 && (
        <details className="fold" open={Object.keys(typed).length > 0 || undefined}>
          <summary>Parameters (nothing has to be set)</summary>
          <div className="stack">
            {shownFields(fields, typed).map((field) => (
              <ParameterField
                key={`${kind} ${field.name}`}
                field={field}
                typed={typed[field.name] ?? ''}
                onTyped={(text) => onTyped({ ...typed, [field.name]: text })}
              />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

interface ParameterFieldProps {
  readonly field: ModelParameter;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
}

function ParameterField({ field, typed, onTyped }: ParameterFieldProps) {
  const { name, description, range, words } = field;
  const id = useId();
  const fault = faultOf(field, typed);
  const own = {
    id,
    value: typed,
    'aria-describedby': `${id}hint`,
    'aria-invalid': fault !== null,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => onTyped(target.value),
  };
  return (
    <div className="field">
      <span className="field-head">
        <label htmlFor={id}>
          <code>{name}</code>
        </label>
        <Explained meaning={`${description[0]?.toUpperCase() ?? ''}${description.slice(1)}.`}>
          what?
        </Explained>
      </span>
      {range === null ? (
        <select {...own}>
          <option value="">{field.default}</option>
          {words
            .filter((word) => word !== field.default)
            .map((word) => (
              <option key={word}>{word}</option>
            ))}
        </select>
      ) : (
        <input {...own} inputMode="decimal" placeholder={field.default ?? 'by the data'} />
      )}
      <small id={`${id}hint`} className={fault === null ? 'note' : 'error'}>
        {fault ?? (range === null ? null : hintOf(field))}
      </small>
    </div>
  );
}
