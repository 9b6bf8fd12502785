import { readFileSync } from 'node:fs'

/** A user and a group that a process runs as. */
export interface Credentials {
  readonly uid: number
  readonly gid: number
}

/** What {@link resolveUser} has to know of the system. */
export interface UserSystem {
  /** The server's own user; `undefined` where there are none (Windows). */
  readonly uid: number | undefined
  /** The text of `/etc/passwd`. */
  passwd(): string
}

const lastResort: Credentials = { uid: 65534, gid: 65534 }
const numeric = /^(\d+)(?::(\d+))?$/

/**
 * Whom scripts run as.
 *
 * A server that runs as root starts them as `nobody`, user and group, unless told otherwise; any other server can only
 * start them as itself.
 *
 * @param user - a name, a number, or `uid:gid`; `false` for the server's own user
 * @returns `undefined` for the server's own user
 * @throws RangeError if there is no such user, or the server is not root and so cannot become that user
 */
export function resolveUser(
  user: string | number | false | undefined,
  system: UserSystem = thisSystem,
): Credentials | undefined {
  if (user === false || system.uid === undefined) return undefined
  if (user === undefined) {
    return system.uid === 0 ? (lookUp('nobody', system.passwd()) ?? lastResort) : undefined
  }
  const wanted = credentials(String(user), system)
  if (wanted.uid === system.uid && system.uid !== 0) return undefined
  if (system.uid !== 0) {
    throw new RangeError(`option user is ${user}, but only root can run scripts as another user`)
  }
  return wanted
}

// --- Internal ---

/** The user that `/etc/passwd` has under a name or a number. */
function lookUp(user: string, passwd: string): Credentials | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (gid !== undefined && (name === user || uid === user)) {
      return { uid: Number(uid), gid: Number(gid) }
    }
  }
  return undefined
}

const thisSystem: UserSystem = {
  uid: process.getuid?.(),
  passwd: () => {
    try {
      return readFileSync('/etc/passwd', 'utf8')
    } catch {
      return ''
    }
  },
}

function credentials(user: string, system: UserSystem): Credentials {
  const match = numeric.exec(user)
  const uid = match?.[1]
  const gid = match?.[2]
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  const found = lookUp(uid ?? user, system.passwd())
  if (found !== undefined) return found
  // A number needs no entry, but then there is only nobody's group to give it.
  if (uid !== undefined) return { uid: Number(uid), gid: lastResort.gid }
  throw new RangeError(`option user names no user: ${JSON.stringify(user)}`)
}
