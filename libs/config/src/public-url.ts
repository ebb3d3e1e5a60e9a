const RULE = 'write the address by which callers reach the service, as https://example.org/recommender';

/** What is wrong with a public address and how to mend it; null when it is well formed. */
export function faultOfPublicUrl(text: string): string | null {
  return faultOfHttpUrl(text, RULE);
}

/** The same of any address whose paths are appended to it. @param rule what to write instead */
export function faultOfHttpUrl(text: string, rule: string): string | null {
  if (!URL.canParse(text)) return rule;
  const { protocol, hostname, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol) || !/^https?:\/\/[^/]/i.test(text) || hostname === '') return rule;
  if (username !== '' || password !== '') return 'write it without a user name and a password';
  return /[?#\\\s]/.test(text) ? 'end it with its path, without ? and #' : null;
}

/** A well-formed address without the slash at its end: what the path of a call is appended to. */
export function parsePublicUrl(text: string): string {
  return text === '' ? '' : new URL(text).href.replace(/\/+$/, '');
}
