import type { Command } from 'commander';

/** A command of netprov, with the names that lead to it: ["operation", "list"]; none for netprov itself. */
export interface CommandNode {
  path: readonly string[];
  command: Command;
}

/** A command and all below it, each before its own. */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode[] {
  const below = command.commands.flatMap((sub) => commandTree(sub, [...path, sub.name()]));
  return [{ path, command }, ...below];
}
