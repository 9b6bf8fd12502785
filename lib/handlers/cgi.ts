import { accessSync, constants } from 'node:fs'
import { constants as osConstants } from 'node:os'
import type { Readable } from 'node:stream'
import { extensionOf, interpreterFor, type Interpreters } from '../cgi/interpreter.ts'
import type { Exit } from '../cgi/process.ts'
import type { DocumentHead } from '../cgi/relay.ts'
import { fileOf, findScript, type Script, type ScriptOutcome } from '../cgi/script.ts'
import type { HelperMode } from '../cgi/spawner.ts'
import { hasDotfile } from '../files/dotfiles.ts'
import { isPermitted } from '../files/symlinks.ts'
import { directExchangeOf } from '../http/exchange-of.ts'
import { repr } from '../http/repr.ts'
import type { ScriptEnvironment } from '../../types/cgi.ts'
import type { Content } from '../../types/files.ts'
import type { LogOption } from '../../types/logger.ts'
import { failuresOf } from './base.ts'
import { cgiChecks } from './cgi-checks.ts'
import { decideInfo, decidePath, publicName, type CgiDecision } from './cgi-path.ts'
import type { Framing } from './cgi-port.ts'
import { answerByScript, type ScriptAnswer } from './cgi-request.ts'
import { octetsToPath, pathToOctets, translateOctets } from './cgi-translate.ts'
import { declareFields } from './fields.ts'
import { logMessageOf } from './log.ts'
import { markOwn } from './own-classes.ts'
import { notePlain } from './plain.ts'
import { canonicalLocation } from './simple-target.ts'
import { SimpleHTTPRequestHandler } from './simple.ts'

const { signals } = osConstants

const notForScripts: ReadonlySet<string> = new Set(['TRACE', 'CONNECT'])

/**
 * Runs CGI scripts (RFC 3875), and serves files as {@link SimpleHTTPRequestHandler} does.
 *
 * A script answers every method; under `strict` only GET, HEAD and POST. Nothing in a CGI directory is ever served as a
 * file. The fields below `cgiInfo` are the options of `cgiHandler()`; `timeout` is `cgiTimeout` here.
 *
 * Python: `CGIHTTPRequestHandler`, removed in 3.15
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** Paths of the directories that hold scripts. Python: `cgi_directories` */
  cgiDirectories: readonly string[] = ['/cgi-bin', '/htbin']
  /** What `isCgi()` has found: the directory, and what follows it with the query. Python: `cgi_info` */
  cgiInfo: [directory: string, rest: string] = ['', '']

  /** One program that answers every path. See the option `script`. */
  cgiScript: string | undefined = undefined
  /** Programs that run scripts by their extension. */
  interpreters: Interpreters = {}
  /** Variables for scripts. */
  env: ScriptEnvironment = {}
  /** Names of variables that scripts inherit. */
  passEnv: readonly string[] | 'all' = []
  /** Whether scripts get the `Authorization` field. */
  passAuthorization = false
  /** Whom scripts run as; `undefined` is `nobody` for a server that is root. */
  user: string | number | false | undefined = undefined
  /** Longest time without progress in milliseconds; 0 is no limit. */
  cgiTimeout = 60_000
  /** Longest time of a response in milliseconds; 0 is no limit. */
  totalTimeout = 0
  /** How long output is waited for after a script has ended, in milliseconds; 0 is no limit. */
  closeDelay = 0
  /** Most scripts that run at a time, over all handlers of a class. */
  maxConcurrent = 32
  /** Most requests that wait for one; 8 times `maxConcurrent` when `undefined`. */
  maxQueue: number | undefined = undefined
  /** Largest head of a script's output in bytes. */
  maxHeaderSize = 65_536
  /** Largest request content in bytes. */
  maxBodySize = 1_073_741_824
  /** Whether a status line is taken for a `Status`. */
  acceptStatusLine = false
  /** Whether a process of its own starts the scripts. */
  spawnHelper: HelperMode = 'auto'
  /** Where scripts' standard error goes; `undefined` is `logError()`. */
  stderr: LogOption | undefined = undefined

  static {
    markOwn(this)
    declareFields(this, cgiChecks)
  }

  #decision: CgiDecision | undefined
  #openHead: string | undefined

  /** Runs a script; anything else is 501 `Can only POST to CGI scripts`. Python: `do_POST` */
  do_POST(): Promise<void> {
    return failuresOf(this).ofOwn(this.#post())
  }

  async #post(): Promise<void> {
    if (this.isCgi()) await this.runCgi()
    else if (this.fallthrough) this.decline()
    else this.sendError(501, 'Can only POST to CGI scripts')
  }

  override async sendHead(): Promise<Content | Readable | undefined> {
    if (!this.isCgi()) return super.sendHead()
    await this.runCgi()
    return undefined
  }

  protected override handleUnknownMethod(): void | Promise<void> {
    return this.answersMethod() && this.isCgi() ? this.runCgi() : super.handleUnknownMethod()
  }

  /** Whether scripts are run for the request's method. */
  protected answersMethod(): boolean {
    if (this.strict) return ['GET', 'HEAD', 'POST'].includes(this.command)
    // TRACE would have a script echo what a browser hides from its pages, and no script is a tunnel.
    return !notForScripts.has(this.command)
  }

  override handleExpect100(): boolean | Promise<boolean> {
    // The content is asked for once it is known that there is a script, and that it may run.
    return !this.strict && this.isCgi() ? true : super.handleExpect100()
  }

  /**
   * Whether the path is CGI's; sets {@link CGIHTTPRequestHandler.cgiInfo}.
   *
   * It is by the path that the file handler would open, so that no spelling of it leads to a script's source.
   *
   * Python: `is_cgi`
   */
  isCgi(): boolean {
    this.#decision = decidePath(this)
    if (this.#decision === undefined) return false
    this.cgiInfo = this.#decision.info
    return true
  }

  /** Whether a file may be executed. Python: `is_executable` */
  isExecutable(path: string): boolean {
    try {
      accessSync(fileOf(pathToOctets(path) ?? ''), constants.X_OK)
      return true
    } catch {
      return false
    }
  }

  /** Whether a file is a Python script, by its extension. Python: `is_python` */
  isPython(path: string): boolean {
    return ['.py', '.pyw'].includes(extensionOf(path))
  }

  /** Finds the script that {@link CGIHTTPRequestHandler.cgiInfo} leads to, runs it and sends its response. Python: `run_cgi` */
  async runCgi(): Promise<void> {
    const own = this.#decision?.info === this.cgiInfo ? this.#decision : undefined
    const decision = own ?? decideInfo(this, this.cgiInfo)
    if (decision === undefined) {
      this.sendError(404)
      return
    }
    if (this.isGuarded && decision.spelling.kind === 'refused') {
      this.sendError(decision.spelling.status === 400 ? 400 : 404)
      return
    }
    const outcome = await this.#find(decision)
    const exact = !this.isGuarded || decision.spelling.kind !== 'misspelt'
    if (outcome.kind !== 'script') {
      this.#refuse(outcome, exact)
    } else if (!exact && 'path' in decision.spelling) {
      this.#sendToCanonical(decision.spelling.path)
    } else {
      const { script } = outcome
      await answerByScript({
        handler: this,
        script,
        query: decision.query,
        answer: this.#answerFor(script),
      })
    }
  }

  async #find(decision: CgiDecision): Promise<ScriptOutcome> {
    const script = this.cgiScript
    if (decision.path === undefined) {
      const file = pathToOctets(script ?? '') ?? ''
      return { kind: 'script', script: { name: '', file, pathInfo: decision.whole } }
    }
    return findScript(decision.path, {
      translate: (path) => translateOctets((target) => this.translatePath(target), path),
      hides: (segments) => this.dotfiles !== 'allow' && hasDotfile(segments),
      mayRun: (file) => this.#mayRun(octetsToPath(file)),
      permits: async (file, stats) => {
        if (this.symlinks === 'follow') return true
        return isPermitted(this.symlinks, this.directory, octetsToPath(file), { stats })
      },
    })
  }

  #mayRun(file: string): boolean {
    if (interpreterFor(file, this.interpreters) !== undefined) return true
    // Without #! lines and modes (Windows) a Python script runs by its name.
    if (process.platform === 'win32' && this.isPython(file)) return true
    return this.isExecutable(file)
  }

  #refuse(outcome: Exclude<ScriptOutcome, { kind: 'script' }>, exact: boolean): void {
    const name = repr(publicName(this.mount, outcome.name))
    switch (outcome.kind) {
      case 'missing':
        // In no other spelling: the next middleware could read that as the path of a script.
        if (this.fallthrough && exact) this.decline()
        else this.sendError(404, `No such CGI script (${name})`)
        return
      case 'hidden':
        // Nor is it left to the next, which may have no reason to hide it.
        this.sendError(404, `No such CGI script (${name})`)
        return
      case 'notFile':
        this.sendError(403, `CGI script is not a plain file (${name})`)
        return
      case 'notExecutable':
        this.sendError(403, `CGI script is not executable (${name})`)
    }
  }

  #sendToCanonical(path: string): void {
    const location = canonicalLocation(this, path)
    if (this.command === 'GET' || this.command === 'HEAD') this.sendRedirect(location)
    // A redirect that has clients repeat the method and the content.
    else this.#redirectClient(location, 308)
  }

  /** What a script's run has the handler do, with this class's private members. */
  #answerFor(script: Script): ScriptAnswer {
    return {
      refuse: (status) => {
        this.#refuseScript(status, script)
      },
      redirect: (location) => {
        this.#redirectClient(location, 302)
      },
      log: (message, pid) => {
        this.#logScript(message, script, pid)
      },
      logExit: (exit, pid) => {
        this.#logExit(exit, script, pid)
      },
      fail: (error) => {
        failuresOf(this).add(error)
      },
      sendHead: (head) => this.#sendScriptHead(head),
      strictHead: () => this.#strictHead(),
    }
  }

  #refuseScript(status: number, script: Script): void {
    if (status === 503) this.sendHeader('Retry-After', '1')
    const name = repr(publicName(this.mount, script.name))
    if (status === 403) this.sendError(status, `CGI script is not executable (${name})`)
    else if (status === 404) this.sendError(status, `No such CGI script (${name})`)
    else this.sendError(status)
  }

  #redirectClient(location: string, status: number): void {
    this.sendResponse(status)
    this.sendHeader('Location', location)
    this.sendHeader('Content-Length', '0')
    this.endHeaders()
    this.response.end()
  }

  #logScript(message: string, script: Script, pid: number | undefined): void {
    const name =
      script.name === '' ? octetsToPath(script.file) : publicName(this.mount, script.name)
    const text = `${name}${pid === undefined ? '' : `[${pid}]`}: ${message}`
    if (this.stderr === undefined) this.logError('%s', text)
    else logMessageOf(this, 'error', text, this.stderr)
  }

  #logExit({ code, signal }: Exit, script: Script, pid: number): void {
    const number = signal === null ? code : -signals[signal]
    const text = `CGI script exit code ${number ?? ''}`
    if (this.strict) this.logError('%s', text)
    else this.#logScript(signal === null ? text : `CGI script ended by ${signal}`, script, pid)
  }

  #sendScriptHead(head: DocumentHead): Framing {
    const { announces } = this
    const names = new Set(head.fields.map(([name]) => name.toLowerCase()))
    this.announces = false
    this.sendResponse(head.status, head.reason)
    this.announces = announces
    // A script's own stand in place of the server's.
    if (announces && !names.has('server')) this.sendHeader('Server', this.versionString())
    if (announces && !names.has('date')) this.sendHeader('Date', this.dateTimeString())
    const bare = head.status === 204 || head.status === 205
    for (const [name, value] of head.fields) {
      if (!bare || name.toLowerCase() !== 'content-length') this.sendHeader(name, value)
    }
    if (head.status === 205) this.sendHeader('Content-Length', '0')
    const framing = this.#framingOf(head)
    if (framing === 'chunked') this.sendHeader('Transfer-Encoding', 'chunked')
    this.endHeaders()
    return framing
  }

  #framingOf(head: DocumentHead): Framing {
    if (this.command === 'HEAD' || [204, 205, 304].includes(head.status)) return 'none'
    if (head.length !== undefined) return 'length'
    const direct = directExchangeOf(this.response) !== undefined
    const current = this.protocolVersion >= 'HTTP/1.1' && this.requestVersion >= 'HTTP/1.1'
    return direct && current ? 'chunked' : 'host'
  }

  #strictHead(): string {
    this.#openHead = ''
    this.sendResponse(200, 'Script output follows')
    const head = this.#openHead
    this.#openHead = undefined
    return this.requestVersion === 'HTTP/0.9' ? '' : head
  }

  override sendResponseOnly(code: number, message?: string): void {
    if (this.#openHead === undefined) super.sendResponseOnly(code, message)
    else this.#openHead = `${this.protocolVersion} ${code} ${message ?? ''}\r\n`
  }

  override sendHeader(keyword: string, value: string | number): void {
    if (this.#openHead === undefined) super.sendHeader(keyword, value)
    else this.#openHead += `${keyword}: ${value}\r\n`
  }
}

// Which paths are CGI's is set by the class: what was a file stays one.
notePlain(CGIHTTPRequestHandler)
