/**
 * The embedded model and data.
 *
 * @module
 */
const data = new URL("../../data/", import.meta.url);

/** Folder of the embedded sentence pairs. */
export const embeddedData = decodeURIComponent(new URL("pairs", data).pathname);
/** Folder of the embedded model. */
export const embeddedModel = decodeURIComponent(
  new URL("model", data).pathname,
);
