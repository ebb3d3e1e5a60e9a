import { CATALOG } from './catalog.sql.js';

/** Whether a user has said no, of whom `key` is an expression. */
export const hasRefused = (what: 'training' | 'personal', key: string, catalog = CATALOG) =>
  `EXISTS (SELECT FROM refusals r WHERE r.catalog_id = ${catalog} AND r.user_key = ${key} AND r.${what})`;

/** What a user allows, as columns; the row of `refusals` is `r`, or there is none. */
export const CONSENT = `r.training IS NOT TRUE AS "training", r.personal IS NOT TRUE AS "personal"`;
