import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CGIHTTPRequestHandler } from '../../lib/handlers/cgi.ts'
import { configure } from '../../lib/handlers/configure.ts'
import { normalizeCgiOptions } from '../../lib/middleware/cgi-options.ts'
import { cgiHandler } from '../../lib/middleware/cgi.ts'
import type { CgiHandlerOptions } from '../../types/cgi.ts'
import type { Host, RunningHost, StartOptions } from './hosts.ts'

/** A directory of scripts, readable for the user that they run as. */
export interface Site {
  readonly directory: string
  /** Adds a file; one in a CGI directory is executable. */
  write(name: string, content: string | Buffer, mode?: number): string
  /** Resolves with a file's content once a script has written it. */
  remove(): void
}

/** Makes a site. The names of scripts are relative to its `cgi-bin`, unless they start with a slash. */
export function makeSite(files: Readonly<Record<string, string>> = {}): Site {
  const directory = mkdtempSync(join(tmpdir(), 'basehttp-site-'))
  chmodSync(directory, 0o755)
  const write: Site['write'] = (name, content, mode = name.startsWith('/') ? 0o644 : 0o755) => {
    const path = join(directory, name.startsWith('/') ? name : `cgi-bin/${name}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    chmodSync(path, mode)
    return path
  }
  for (const [name, content] of Object.entries(files)) write(name, content)
  // A place where scripts of any user may leave something.
  mkdirSync(join(directory, 'out'))
  chmodSync(join(directory, 'out'), 0o777)
  return {
    directory,
    write,
    remove: () => {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A host that runs scripts, and what they have said. */
export interface CgiRun {
  readonly host: RunningHost
  readonly port: number
  /** Lines that scripts have written to standard error, and why they have failed; without address and time. */
  readonly stderr: string[]
}

/** Starts a host: our own server with the class, any other with `cgiHandler()`. */
export async function startCgi(
  host: Host,
  site: Site,
  options: CgiHandlerOptions = {},
  start: StartOptions = {},
): Promise<CgiRun> {
  const stderr: string[] = []
  const all: CgiHandlerOptions = {
    directory: site.directory,
    stderr: (line: string) => stderr.push(line.replace(/^.*?\] /, '').trimEnd()),
    ...options,
  }
  const handler =
    host.name === 'HTTPServer'
      ? configure(CGIHTTPRequestHandler, {
          protocolVersion: 'HTTP/1.1',
          ...normalizeCgiOptions(all),
        })
      : cgiHandler(all)
  const running = await host.start(handler, { ...start, server: { log: false, ...start.server } })
  return { host: running, port: running.port, stderr }
}

/** Whether a process is there, and not merely waiting to be collected by whoever has inherited it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (!existsSync('/proc/self/stat')) return true
  const { readFileSync } = process.getBuiltinModule('node:fs')
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
