/**
 * Observes the calls of a method.
 *
 * @param prototype The object with the method.
 * @param name Its name.
 * @param observer Called with the arguments before each call.
 * @returns A handle that ends it, for `using`.
 */
export function observe<Args extends unknown[]>(
  prototype: object,
  name: string,
  observer: (...args: Args) => void,
): Disposable {
  const original: (...args: Args) => unknown = Reflect.get(prototype, name);
  Reflect.set(prototype, name, function (this: unknown, ...args: Args) {
    observer(...args);
    return original.apply(this, args);
  });
  return {
    [Symbol.dispose]: () => void Reflect.set(prototype, name, original),
  };
}
