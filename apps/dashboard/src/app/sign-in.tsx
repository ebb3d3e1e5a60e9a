import { Dialog } from '@base-ui/react/dialog';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { callerGet } from '@sparserec/client';
import { ask, clientWith, Refused, wordsOf } from '../api/ask.js';
import { useSession } from '../api/queries.js';
import { session } from '../api/session.js';

/** Asks for a key as soon as the service has asked for one. The page behind it stays as it is. */
export function SignIn() {
  const { refusal, key } = useSession();
  return (
    <Dialog.Root open={refusal !== null} modal>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title className="dialog-title">Sign in with a key</Dialog.Title>
          <Dialog.Description>
            {key === null ? 'This service asks for a key.' : `${refusal ?? ''}.`} It stays in this tab, and is
            forgotten when the tab closes.
          </Dialog.Description>
          <SignInForm />
          <p className="note">
            Whoever can reach the database makes one:{' '}
            <code>npm run -s sparserec -- keys create --name admin --scopes admin</code>
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function SignInForm() {
  const [typed, setTyped] = useState('');
  const signIn = useMutation({
    mutationFn: (key: string) => ask(callerGet({ client: clientWith(key) })),
    onSuccess: (_caller, key) => session.signIn(key),
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate(typed.trim());
      }}
    >
      <label className="field">
        <span>Key</span>
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="sparserec_…"
          required
          value={typed}
          aria-invalid={signIn.isError}
          aria-describedby="sign-in-error"
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
      <button type="submit" className="button button-main" disabled={signIn.isPending}>
        Sign in
      </button>
      <p id="sign-in-error" role="alert" className="error">
        {signIn.error && refusalOf(signIn.error)}
      </p>
    </form>
  );
}

function refusalOf(error: Error): string {
  if (error instanceof Refused && error.status === 403)
    return 'This key is for pages of a shop, which may make lists only. Take another one.';
  return wordsOf(error);
}
