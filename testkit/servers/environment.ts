/** The value of a variable that `script/services env` exports. Throws without it: tests need their servers. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run script/test, or eval "$(script/services env)" first`);
  return value;
}
