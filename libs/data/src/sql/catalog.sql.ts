/**
 * A catalog as a value that the planner does not see, so that it takes the catalog for one of average size.
 * To be used wherever rows of a catalog are looked up or joined.
 *
 * The statistics of a table do not know a catalog that has grown since they were made, nor one that is small
 * beside others. The planner takes it for a single row where it sees its name: any index then seems as good
 * as the right one, and comparing each user with each row of a batch seems to cost nothing.
 *
 * @param value an expression of SQL
 */
export const unseenCatalog = (value: string): string => `(SELECT ${value}::text)`;

/** The catalog $1. */
export const CATALOG = unseenCatalog('$1');
