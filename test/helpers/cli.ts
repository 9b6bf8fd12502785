import { join } from 'node:path'
import { RunningProgram, RunningServer, type StartOptions } from './process.ts'

/**
 * The built command; the global set-up of the tests sees to it that it is not older than its source.
 * `BASEHTTP_CLI` names another one to test, such as that of an installed package.
 */
export const cliCommand: readonly string[] = [
  process.execPath,
  process.env['BASEHTTP_CLI'] ?? join(__dirname, '../../dist/lib/cli/bin.js'),
]

/** Starts the command with the given arguments and waits for its first line, which names the port. */
export function startCli(
  args: readonly string[],
  options: StartOptions = {},
): Promise<RunningServer> {
  const [command = '', ...before] = cliCommand
  return new RunningServer(command, [...before, ...args], options).ready()
}

/** Runs the command to its end, for arguments that do not start a server. */
export async function runCli(
  args: readonly string[],
  options: StartOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [command = '', ...before] = cliCommand
  const program = new RunningProgram(command, [...before, ...args], options)
  const { code } = await program.exited
  return { code, stdout: program.stdout, stderr: program.stderr }
}
