/**
 * The bodies of messages that a program holds, of all queues together. RabbitMQ bounds what it sends ahead by a number of
 * messages alone.
 */
export class HeldBytes {
  private held = 0;

  /** @param limit most bytes */
  constructor(private readonly limit: number) {}

  /** Whether so many more bytes can be held. */
  haveRoomFor(bytes: number): boolean {
    return this.held + bytes <= this.limit;
  }

  take(bytes: number): void {
    this.held += bytes;
  }

  giveBack(bytes: number): void {
    this.held -= bytes;
  }
}
