/** What a test opens, closed in the reverse order. To be run in a hook: a test that fails leaves nothing open either. */
export class Cleanup {
  private readonly steps: (() => Promise<unknown>)[] = [];

  add<T>(thing: T, close: (thing: T) => Promise<unknown>): T {
    this.steps.unshift(() => close(thing));
    return thing;
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0)) await step();
  }
}
