/** The key of this tab. It is in no address, no cookie and no other tab, and goes away with the tab. */
const NAME = 'sparserec.key';

export interface Session {
  readonly key: string | null;
  /** Why the service let nobody in at the last call; null while it does. */
  readonly refusal: string | null;
}

type Listener = () => void;

class SessionStore {
  #session: Session = { key: sessionStorage.getItem(NAME), refusal: null };
  readonly #listeners = new Set<Listener>();

  get = (): Session => this.#session;

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  signIn(key: string): void {
    sessionStorage.setItem(NAME, key);
    this.#set({ key, refusal: null });
  }

  signOut(): void {
    sessionStorage.removeItem(NAME);
    this.#set({ key: null, refusal: 'You have signed out' });
  }

  refuse(reason: string): void {
    if (this.#session.refusal !== reason) this.#set({ ...this.#session, refusal: reason });
  }

  #set(session: Session): void {
    this.#session = session;
    for (const listener of this.#listeners) listener();
  }
}

export const session = new SessionStore();

const PREFIX = 'sparserec_';
/** Of base64url, in which the 16 bytes of an id stand first. */
const ID_CHARACTERS = 24;

/** Whether the key of this tab is the one with an id. */
export function isOwnKey(id: string): boolean {
  const text = session.get().key?.slice(PREFIX.length, PREFIX.length + ID_CHARACTERS) ?? '';
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const hex = Array.from(bytes.slice(0, 16), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'));
  return hex.join('') === id.replaceAll('-', '');
}
