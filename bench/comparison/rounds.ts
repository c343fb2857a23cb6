/** One scenario, measured once with each contestant. */
export interface Round<Scenario, Name extends string, Result> {
  /** 0 is the warm-up. */
  round: number;
  scenario: Scenario;
  results: Record<Name, Result>;
}

export interface RoundsOptions<Scenario, Name extends string, Result> {
  /** Number of rounds that count. */
  rounds: number;
  /** Whether a round goes before that does not count: it loads code, opens connections and fills caches. */
  warmUp: boolean;
  scenarios: readonly Scenario[];
  contestants: readonly Name[];
  /** Measures one contestant in one scenario. */
  play: (scenario: Scenario, name: Name, round: number) => Promise<Result>;
  /** Called after each scenario of a round. */
  tell: (measured: Round<Scenario, Name, Result>) => void;
  signal: AbortSignal;
}

/**
 * Measures every scenario with all contestants in turn, round by round. A different contestant is first each time, so
 * that all suffer equally from what another leaves behind, and from the other work of the machine.
 *
 * @returns the rounds that count
 * @throws the reason of the signal when it is aborted
 */
export async function playRounds<Scenario, Name extends string, Result>(
  options: RoundsOptions<Scenario, Name, Result>,
): Promise<Round<Scenario, Name, Result>[]> {
  const { rounds, warmUp, scenarios, contestants, play, tell, signal } = options;
  const measured: Round<Scenario, Name, Result>[] = [];
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const [index, scenario] of scenarios.entries()) {
      const results: Partial<Record<Name, Result>> = {};
      for (const name of inTurn(contestants, round + index)) {
        signal.throwIfAborted();
        results[name] = await play(scenario, name, round);
      }
      const one = { round, scenario, results: results as Record<Name, Result> };
      tell(one);
      if (round > 0) measured.push(one);
    }
  }
  return measured;
}

/** The contestants, beginning with the one whose turn it is. */
export function inTurn<Name>(contestants: readonly Name[], turn: number): Name[] {
  const first = turn % contestants.length;
  return [...contestants.slice(first), ...contestants.slice(0, first)];
}

/** The name of a round for the progress on standard error. */
export function roundName(round: number, rounds: number): string {
  return round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
}
