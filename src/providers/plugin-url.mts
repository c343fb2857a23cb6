/**
 * The URL of the module that an `import` of this npm package loads. Only an ES module can ask for it, hence this file.
 *
 * @throws when the package is not installed
 */
export function urlOf(packageName: string): string {
  return import.meta.resolve(packageName);
}
