/** Hyperparameters of a model, as stored with the run; they round-trip through JSON. */
export type ModelParameters = { readonly [name: string]: number | string | boolean };
