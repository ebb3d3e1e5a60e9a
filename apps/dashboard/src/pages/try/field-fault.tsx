import type { ReactNode } from 'react';

/** What is wrong with a field, below it; read out when it changes. */
export function FieldFault({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  return (
    <span id={id} className="error" role="status">
      {children}
    </span>
  );
}
