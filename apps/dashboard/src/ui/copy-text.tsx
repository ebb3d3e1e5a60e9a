import { useEffect, useState } from 'react';

const SHOWN_MS = 2_000;

/** A text that a program understands, and a button that copies it. */
export function CopyText({ label, text }: { readonly label: string; readonly text: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  // Where a page came without TLS from another machine, the browser has no clipboard for it.
  const write = async () => navigator.clipboard.writeText(text);
  const copy = () => {
    write().then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  const words = { idle: 'Copy', copied: 'Copied', failed: 'Select and copy by hand' } as const;
  return (
    <div className="copy-text">
      <button type="button" className="button button-small" onClick={copy} aria-live="polite">
        {words[state]}
      </button>
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
