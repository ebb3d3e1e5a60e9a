import type { ReactNode } from 'react';

interface TickProps {
  readonly label: ReactNode;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly isDisabled?: boolean;
  /** Whether it acts at once, and not with a form. */
  readonly isSwitch?: boolean;
}

/** Something that is so or not. */
export function Tick({ label, value, onChange, isDisabled = false, isSwitch = false }: TickProps) {
  return (
    <label className="tick">
      <input
        type="checkbox"
        role={isSwitch ? 'switch' : undefined}
        checked={value}
        disabled={isDisabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
