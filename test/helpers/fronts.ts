import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from './raw.ts'
import { RunningProgram } from './process.ts'
import { until } from './wait.ts'

/** Where Debian puts the programs. */
export const nginx = '/usr/sbin/nginx'
export const haproxy = '/usr/sbin/haproxy'
export const lighttpd = '/usr/sbin/lighttpd'
export const apache = '/usr/sbin/apache2'

/** A server in front of ours. */
export interface Front {
  readonly port: number
  /** What it has logged to its standard error. */
  readonly stderr: string
  stop(): Promise<void>
}

/** A configuration of `examples/deploy/` and what the test has in place of some of its lines. */
export interface FrontSetup {
  readonly file: string
  readonly replace: Readonly<Record<string, string>>
}

/** A port that was free a moment ago, for programs that cannot tell which one they have got. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * The text of a configuration in `examples/deploy/` with other ports and paths, so that what is documented is what
 * is tested.
 *
 * @throws Error if the configuration does not have what is to be replaced
 */
export function configuration({ file, replace }: FrontSetup): string {
  let text = readFileSync(join(__dirname, '../../examples/deploy', file), 'utf8')
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** Starts nginx. The files it sends are the test's own, which no other user may read. */
export function startNginx(replace: Readonly<Record<string, string>>): Promise<Front> {
  return start(nginx, (port, folder) => {
    const text = configuration({
      file: 'nginx.conf',
      replace: {
        '/run/nginx.pid': join(folder, 'pid'),
        '/var/log/nginx/error.log warn': 'stderr warn',
        'access_log /var/log/nginx/access.log': 'access_log off',
        'listen 80': `listen 127.0.0.1:${port}`,
        'worker_processes auto': 'worker_processes 1',
        ...replace,
      },
    })
    const config = write(folder, 'nginx.conf', text)
    const user = process.getuid?.() === 0 ? ' user root;' : ''
    return ['-p', folder, '-c', config, '-g', `daemon off;${user}`, '-e', 'stderr']
  })
}

/** Starts HAProxy. */
export function startHaproxy(replace: Readonly<Record<string, string>>): Promise<Front> {
  return start(haproxy, (port, folder) => {
    const bind = { 'bind :80': `bind 127.0.0.1:${port}`, ...replace }
    return [
      '-db',
      '-f',
      write(folder, 'cfg', configuration({ file: 'haproxy.cfg', replace: bind })),
    ]
  })
}

/** Starts lighttpd. */
export function startLighttpd(replace: Readonly<Record<string, string>>): Promise<Front> {
  return start(lighttpd, (port, folder) => {
    const listen = { 'server.port = 80': `server.port = ${port}\nserver.bind = "127.0.0.1"` }
    const text = configuration({ file: 'lighttpd.conf', replace: { ...listen, ...replace } })
    return ['-D', '-f', write(folder, 'lighttpd.conf', text)]
  })
}

/** Starts Apache. */
export function startApache(replace: Readonly<Record<string, string>>): Promise<Front> {
  return start(apache, (port, folder) => {
    const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'xsendfile']
    const root = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []
    const text = [
      ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      ...root,
      `ServerName localhost`,
      `ServerRoot ${folder}`,
      `DefaultRuntimeDir ${folder}`,
      `PidFile ${folder}/pid`,
      `ErrorLog ${folder}/log`,
      `Listen 127.0.0.1:${port}`,
      configuration({ file: 'apache.conf', replace }),
    ]
    return ['-D', 'FOREGROUND', '-f', write(folder, 'apache.conf', text.join('\n'))]
  })
}

// --- Internal ---

async function start(
  command: string,
  configure: (port: number, folder: string) => readonly string[],
): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'basehttp-front-'))
  const port = await freePort()
  const program = new RunningProgram(command, configure(port, folder))
  const stop = async (): Promise<void> => {
    await program.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await accepts(port, program)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port,
    get stderr() {
      return program.stderr
    },
    stop,
  }
}

/** Resolves when a port accepts connections; these programs do not say so. */
async function accepts(port: number, program: RunningProgram): Promise<void> {
  await until(async () => {
    if (program.child.exitCode !== null) throw new Error(`no server: ${program.stderr}`)
    return connect(port).then(
      (connection) => {
        connection.destroy()
        return true
      },
      () => false,
    )
  }, 'a server')
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
