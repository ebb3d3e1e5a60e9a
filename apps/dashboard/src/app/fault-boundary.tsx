import { Component, type ReactNode } from 'react';
import { wordsOf } from '../api/ask.js';

interface State {
  readonly error: unknown;
}

/** Says what is wrong with a page that cannot be shown, such as one of an older version. */
export class FaultBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="note note-bad" role="alert">
        <p>This page cannot be shown: {wordsOf(this.state.error)}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </div>
    );
  }
}
