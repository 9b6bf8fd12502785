import { spawn } from 'node:child_process'

const commands: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  // `start` takes a first quoted argument for the window's title.
  win32: ['cmd', '/c', 'start', '""'],
}

/** Opens the system's browser; a machine without one goes on without. */
export function openBrowser(url: string): void {
  // No browser speaks to a Unix socket.
  if (url.startsWith('unix:')) return
  const [file = 'xdg-open', ...args] = commands[process.platform] ?? []
  const child = spawn(file, [...args, url.replace('//0.0.0.0:', '//localhost:')], {
    stdio: 'ignore',
    detached: true,
  })
  child.on('error', () => {
    // No browser to open is no reason to stop serving.
  })
  child.unref()
}
