/** What all kinds do that score by item-to-item weights. */
export const LINEAR = { isPersonal: true, explains: true, embeds: false, lends: true, ranksAllAtOnce: true };
