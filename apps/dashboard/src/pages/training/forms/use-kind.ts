import { useState } from 'react';
import { useModelKinds } from '../../../api/queries.js';
import type { Kind } from './kinds.js';
import { parametersOf, typedOf, type Typed } from './parameters.js';

/** The choice of a kind with its parameters, for a form; those of another kind are forgotten. */
export function useKind(first: Kind, parameters: Readonly<Record<string, unknown>> = {}) {
  const kinds = useModelKinds().data?.kinds ?? [];
  const [kind, setKind] = useState(first);
  const [changed, setTyped] = useState<Typed | null>(null);
  const fields = kinds.find((one) => one.kind === kind)?.parameters ?? [];
  const typed = changed ?? typedOf(fields, parameters);
  const onKind = (next: Kind) => {
    setKind(next);
    setTyped({});
  };
  return {
    fields: { kind, onKind, fields, typed, onTyped: setTyped },
    kind,
    /** Null while one of them has a fault. */
    parameters: parametersOf(fields, typed),
  };
}
