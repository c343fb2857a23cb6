/** The counts of one test file. A suite that runs in one piece has one of these for all its files. */
interface FileRecord {
  readonly passed: number;
  readonly failed: number;
  /** The day of its run, where that is not the record's. */
  readonly date?: string;
}

/** The counts of one suite of tests on one set of servers. */
export interface SuiteRecord {
  /** A Debian suite, and `-mysql` where MySQL was the database. */
  readonly place: string;
  readonly suite: string;
  /** The day of the last run. */
  readonly date: string;
  /**
   * By the name of the file. A suite that runs in one piece has one entry: `all`. A name with blanks stands for several
   * files, of a time when they were not counted one by one.
   */
  readonly files: Readonly<Record<string, FileRecord>>;
  /** Files of the suite that have not run on these servers. Unknown, and left out, where files are not named. */
  readonly notTried?: readonly string[];
  /** Versions of the packages, by their names in Debian. */
  readonly packages: Readonly<Record<string, string>>;
  /** Sentences about this run, such as what failed and why. */
  readonly notes?: readonly string[];
}

/** One run of a suite, or of some of its files. */
export interface SuiteRun extends Pick<SuiteRecord, 'place' | 'suite' | 'date' | 'packages'> {
  readonly counts: Readonly<Record<string, Pick<FileRecord, 'passed' | 'failed'>>>;
  /** The files that the suite has now. A suite that runs in one piece has none here. */
  readonly all: readonly string[];
}

const isSeveral = (name: string): boolean => name.includes(' ');

/**
 * The record of a suite after a run. What other files did before stays, with its day, unless they ran on other versions
 * or are no longer there.
 *
 * @param before null where there was none, or where the run was of the whole suite
 */
export function recordOf(run: SuiteRun, before: SuiteRecord | null): SuiteRecord {
  const { counts, all, ...own } = run;
  const files = Object.entries({ ...(before && keptOf(before, run)), ...counts });
  const names = files.map(([name]) => name);
  return {
    place: own.place,
    suite: own.suite,
    date: own.date,
    files: Object.fromEntries(files.sort(([one], [other]) => one.localeCompare(other))),
    ...(!names.some(isSeveral) && all.length > 0 && { notTried: all.filter((name) => !names.includes(name)).sort() }),
    packages: own.packages,
    ...(before?.notes && { notes: before.notes }),
  };
}

/** The earlier counts that stay after a run: those of files that still exist, if the versions are the same. */
function keptOf(before: SuiteRecord, { date, packages, all }: SuiteRun): Record<string, FileRecord> {
  const names = new Set([...Object.keys(before.packages), ...Object.keys(packages)]);
  if ([...names].some((name) => before.packages[name] !== packages[name])) return {};
  const kept = Object.entries(before.files).filter(([name]) => isSeveral(name) || all.includes(name));
  return Object.fromEntries(
    kept.map(([name, file]) => [name, before.date === date ? file : { date: before.date, ...file }]),
  );
}

const listed = (names: readonly string[]): string =>
  names.map((name) => (isSeveral(name) ? name : `\`${name}\``)).join(', ');

/** Notes for readers of the counts: which files did not run, which failed, and which ran on another day. */
export function notesOf({ date, files, notTried = [], notes = [] }: SuiteRecord): string[] {
  const names = Object.keys(files);
  const failed = names.filter((name) => !isSeveral(name) && (files[name]?.failed ?? 0) > 0);
  const dayOf = (name: string): string => files[name]?.date ?? date;
  const earlier = [...new Set(names.map(dayOf))].filter((day) => day !== date).sort();
  const ranOn = (day: string): string[] => names.filter((name) => dayOf(name) === day);
  return [
    ...(notTried.length > 0
      ? [`${names.length} of ${names.length + notTried.length} files ran. Not tried: ${listed(notTried)}.`]
      : []),
    ...earlier.map((day) => `on ${day} ran ${listed(ranOn(day))}.`),
    ...(failed.length > 0 && names.length > 1 ? [`failed in ${listed(failed)}.`] : []),
    ...notes,
  ];
}
