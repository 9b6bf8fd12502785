// The first descriptor that systemd passes.
const first = 3

/**
 * The sockets that systemd's socket activation has passed to this process; `undefined` for none.
 *
 * @param env - `LISTEN_PID` and `LISTEN_FDS` are taken out of it: they are not for this process's children
 */
export function takeSockets(env: NodeJS.ProcessEnv, pid: number): number[] | undefined {
  const { LISTEN_PID, LISTEN_FDS } = env
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) {
    Reflect.deleteProperty(env, name)
  }
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0
  if (LISTEN_PID !== String(pid) || count === 0) return undefined
  return Array.from({ length: count }, (_, i) => first + i)
}
