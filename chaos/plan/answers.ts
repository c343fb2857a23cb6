/**
 * The answers that a cast may request from the plug-in chaos/place/plugin.ts. All but the first two cannot be recorded.
 */
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

/** The answers that cannot be recorded. */
export const BAD_ANSWERS = (Object.keys(ANSWERS) as Answer[]).filter(
  (answer) => answer !== 'good' && answer !== 'deadly',
);

/** The plug-in's name, for nodes and for the option `providers`. */
export const PLUGIN = 'chaos';
/** The vif_type of a binding that the database refuses because of the run's trigger in chaos/place/witness.ts. */
export const REFUSED_TYPE = 'refused';
/** Key in a node's instance_info for the plug-in's answer. */
export const ANSWER_KEY = 'chaos_answer';
