/**
 * Replaces properties of a WebGPU object, whose methods need the real object as `this`.
 *
 * @param object The real object.
 * @param own The properties to replace.
 * @returns An object with the other properties of the real one.
 */
export function overriding<T extends object>(object: T, own: Partial<T>): T {
  return new Proxy(object, {
    get(real, name) {
      if (name in own) return own[name as keyof T];
      const value = Reflect.get(real, name, real);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
}
