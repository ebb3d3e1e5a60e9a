/** What a key may do. docs/security.md says which call needs which. */
export const SCOPES = ['read', 'write', 'people', 'train', 'metrics', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether a key of these scopes may make a call of that scope; `admin` may make every call. */
export function includesScope(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}
