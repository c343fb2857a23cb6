/**
 * Python code that runs a command of Ironic, such as `api`. Ironic has renamed the module of its commands, because Python
 * has one of the old name.
 */
export function ironicCommand(name: string): string {
  return `
try:
    from ironic.command.${name} import main
except ImportError:
    from ironic.cmd.${name} import main
main()`;
}
