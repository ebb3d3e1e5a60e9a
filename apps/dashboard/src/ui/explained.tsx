import { Tooltip } from '@base-ui/react/tooltip';
import { useId, useState, type ReactNode } from 'react';

interface ExplainedProps {
  /** What is shown means, in one or two sentences. */
  readonly meaning: string;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Shows what a number or a word means to who hovers, focuses or taps it. */
export function Explained({ meaning, children, className = '' }: ExplainedProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <Tooltip.Root open={isOpen} onOpenChange={setOpen}>
      <Tooltip.Trigger
        className={`explained ${className}`}
        closeOnClick={false}
        aria-describedby={id}
        onClick={() => setOpen(true)}
      >
        {children}
      </Tooltip.Trigger>
      <span id={id} hidden>
        {meaning}
      </span>
      {/* Within the content of the page, for who goes by its landmarks. */}
      <Tooltip.Portal container={isOpen ? document.querySelector('main') : null}>
        <Tooltip.Positioner sideOffset={6} collisionPadding={8} className="tooltip-place">
          <Tooltip.Popup className="tooltip">{meaning}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
