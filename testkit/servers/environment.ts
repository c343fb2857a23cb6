/** The value of a variable that script/services env exports. Tests need their servers: without one they fail. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run script/test, or eval "$(script/services env)" first`);
  return value;
}
