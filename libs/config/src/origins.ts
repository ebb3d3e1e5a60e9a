const RULE = 'write origins such as https://example.org, without a path, apart by commas';

const ORIGIN = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?$/;

/** Whether a text is an origin of pages, as browsers write it in `Origin`. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** What is wrong with a list of origins and how to mend it; null when it is well formed. */
export function faultOfOrigins(text: string): string | null {
  return parseOrigins(text).every(isOrigin) ? null : RULE;
}

/** The origins of a list, apart by commas. */
export function parseOrigins(text: string): string[] {
  return text === '' ? [] : text.split(',').map((origin) => origin.trim());
}
