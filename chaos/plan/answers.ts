/** The answers that a cast may ask the plug-in chaos/place/plugin.ts for. The first two aside, none of them can be put on record. */
export const ANSWERS = {
  good: 'what it has to',
  deadly: 'nothing, since it kills its worker',
  nothing: 'no outcome at all',
  column: 'a binding with a field that is none',
  long: 'a status longer than its column',
  large: 'more than a row can hold',
  value: 'a value that JSON does not have',
  refused: 'a binding that the database refuses',
} as const;

export type Answer = keyof typeof ANSWERS;

/** Those that cannot be put on record. */
export const BAD_ANSWERS = (Object.keys(ANSWERS) as Answer[]).filter(
  (answer) => answer !== 'good' && answer !== 'deadly',
);

/** The name of the plug-in, for nodes and in the option providers. */
export const PLUGIN = 'chaos';
/** The vif_type of a binding that the database refuses, by a trigger of the run's: chaos/place/witness.ts. */
export const REFUSED_TYPE = 'refused';
/** Where in a node's instance_info it stands what the plug-in is to answer with. */
export const ANSWER_KEY = 'chaos_answer';
