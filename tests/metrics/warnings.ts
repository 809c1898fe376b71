// deno-lint-ignore-file no-console -- warnings go to the console
/**
 * Calls a function and captures its warnings.
 *
 *     const [score, warnings] = withWarnings(() => f1Score([0], [0]));
 */
export function withWarnings<T>(
  call: () => T,
): [result: T, warnings: string[]] {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (message: string) => warnings.push(message);
  try {
    return [call(), warnings];
  } finally {
    console.warn = warn;
  }
}
