/**
 * Captures the lines printed to the console while in scope.
 *
 *     using output = printed();
 */
export function printed(): { lines: string[] } & Disposable {
  const { log, warn } = console;
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  Object.assign(console, { log: print, warn: print });
  return {
    lines,
    [Symbol.dispose]: () => void Object.assign(console, { log, warn }),
  };
}
