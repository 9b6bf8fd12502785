import type { IncomingMessage } from 'node:http'
import type { SymlinkPolicy } from './files.ts'
import type { LogOption, LogOptions } from './logger.ts'
import type { ProxyOptions } from './proxy.ts'

/** Variables for scripts; `undefined` removes one that they would have otherwise. */
export type ScriptVariables = Readonly<Record<string, string | undefined>>

/** Variables for scripts, the same for all requests or made for each. */
export type ScriptEnvironment =
  ScriptVariables | ((request: IncomingMessage) => ScriptVariables | Promise<ScriptVariables>)

/** Options of `cgiHandler()`. No request is logged unless an option says where to. Durations are milliseconds and sizes octets; 0 switches a time limit off. */
export interface CgiHandlerOptions extends LogOptions, ProxyOptions {
  /**
   * The document root: CGI directories are looked for in it, and `PATH_INFO` is translated to it.
   *
   * @defaultValue the current directory
   */
  directory?: string | URL
  /**
   * Paths, relative to where the handler is mounted, of the directories that hold scripts. All that is in them is run
   * or refused, never served as a file. `'/'` takes every path.
   *
   * @defaultValue `['/cgi-bin', '/htbin']`
   */
  cgiDirectories?: readonly string[]
  /**
   * One program that answers every path below the mount, instead of {@link CgiHandlerOptions.cgiDirectories}: its
   * `SCRIPT_NAME` is the mount and its `PATH_INFO` the rest.
   *
   * @defaultValue none
   */
  script?: string | URL
  /**
   * Programs that run scripts by their extension, such as `{ '.py': 'python3', '.php': 'php-cgi' }`: a name, or a
   * list of a name and arguments. Such scripts need not be executable.
   *
   * @defaultValue none: scripts run by their `#!` line
   */
  interpreters?: Readonly<Record<string, string | readonly string[]>>
  /**
   * What becomes of scripts whose name, or a directory of whose path below the CGI directory, starts with a dot: run
   * like others, or not found. `PATH_INFO` may have such segments either way.
   *
   * @defaultValue `'ignore'`, with `strict` `'allow'`
   */
  dotfiles?: 'allow' | 'ignore'
  /**
   * Which symbolic links to scripts are followed: all, those that end inside the directory, or none.
   *
   * @defaultValue `'follow'`
   */
  symlinks?: SymlinkPolicy
  /** Variables for scripts. They win over those of the request: a login has to set `REMOTE_USER` here. @defaultValue none */
  env?: ScriptEnvironment
  /**
   * Names of variables that scripts inherit from the server besides `PATH`, `LD_LIBRARY_PATH`, `TZ`, `LANG` and
   * `LC_*`; `'all'` passes every one, secrets included.
   *
   * @defaultValue none
   */
  passEnv?: readonly string[] | 'all'
  /**
   * Whether scripts get the `Authorization` field. Everybody on the machine may be able to read it from there.
   *
   * @defaultValue `false`
   */
  passAuthorization?: boolean
  /**
   * Whom scripts run as: a name, a number, or `'uid:gid'`; `false` for the server's own user, root included.
   *
   * @defaultValue `'nobody'` for a server that runs as root, which alone can change it
   */
  user?: string | number | false
  /**
   * Longest time without output from a script, or without the client taking any; then 504, or the connection is cut.
   * Also without content from a client that sends it; then 408.
   *
   * @defaultValue `60_000`
   */
  timeout?: number
  /** Longest time for a whole response. @defaultValue `0`: no limit */
  totalTimeout?: number
  /**
   * How long output is waited for after a script has ended, while a process it has started holds it open.
   *
   * @defaultValue `0`: until that ends
   */
  closeDelay?: number
  /** Most scripts that run at a time; requests beyond wait in a queue. @defaultValue `32` */
  maxConcurrent?: number
  /** Most requests that wait; those beyond are answered 503. @defaultValue 8 times `maxConcurrent` */
  maxQueue?: number
  /** Largest head of a script's output. @defaultValue `65_536` */
  maxHeaderSize?: number
  /** Largest request content; larger is answered 413. @defaultValue 1 GiB */
  maxBodySize?: number
  /** Whether `HTTP/1.1 404 Not Found` as a script's first line is taken for a `Status`. @defaultValue `false` */
  acceptStatusLine?: boolean
  /**
   * Whether a small process of its own starts the scripts, so that a large heap does not slow that down. `'auto'` uses
   * one as soon as the server has more than 150 MB or starts scripts slowly; with `true` it is there from the start.
   *
   * @defaultValue `'auto'`
   */
  spawnHelper?: 'auto' | boolean
  /** Where scripts' standard error goes, and why they failed. @defaultValue `true`: standard error */
  stderr?: LogOption
  /**
   * Whether a path in a CGI directory that names no script is left to the next middleware. What is not executable, or no
   * plain file, is always refused.
   *
   * @defaultValue `false`
   */
  fallthrough?: boolean
  /** Whether to answer as CPython's http.server does. @defaultValue `false` */
  strict?: boolean
}
