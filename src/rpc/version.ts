/** An interface version as oslo.messaging takes it: N.N, or N.N.N with a revision. */
const VERSION = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Does an endpoint of version `ours` serve a request of version `requested`? The major must be the same and the
 * requested minor no newer than ours; at the same minor, so must the revision. Source: oslo_messaging/_utils.py.
 */
export function isCompatible(ours: string, requested: string): boolean {
  const [ourMajor, ourMinor, ourRevision] = parts(ours);
  const [major, minor, revision] = parts(requested);
  if (major !== ourMajor) return false;
  return minor < ourMinor || (minor === ourMinor && revision <= ourRevision);
}

function parts(version: string): [number, number, number] {
  const match = VERSION.exec(version);
  if (!match) throw new RangeError(`"${version}" is not a version: it must look like 1.0`);
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}
