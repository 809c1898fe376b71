/**
 * Name of the method whose result `console.log` prints, in Deno and Node;
 * browsers do not call it.
 *
 * @module
 */

/** The symbol, which has no import in browsers. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");
