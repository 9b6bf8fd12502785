import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { chromium, type Browser, type Page } from 'playwright-core'
import { configure } from '../../lib/handlers/configure.ts'
import { HTTPServer, SimpleHTTPRequestHandler } from '../../lib/index.ts'
import { describeWith, findTool } from '../helpers/tools.ts'

// What a real browser makes of listings and files. With SCREENSHOTS=1 it also takes the README's pictures anew.

let folder = ''
let profile = ''
let server: HTTPServer
let browser: Browser
let page: Page
const log: string[] = []

/** Sound of silence, long enough that a browser does not load all of it to play its end. */
function wav(seconds: number): Buffer {
  const rate = 44_100
  const size = seconds * rate * 2
  const file = Buffer.alloc(44 + size)
  file.write('RIFF')
  file.writeUInt32LE(36 + size, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(size, 40)
  return file
}

const hostile = ['<img src=x onerror=document.title=1>.html', '" onmouseover="document.title=1.txt']

function makeTree(): void {
  const time = new Date('2026-01-02T03:04:05Z')
  const files: [name: string, size: number][] = [
    ['README.md', 1_200],
    ['Grüße aus Köln.txt', 40],
    ['archive.tar.gz', 52_428_800],
    ['photo 1.jpg', 2_400_000],
    ['photo 10.jpg', 310_000],
  ]
  for (const [name, size] of files) writeFileSync(join(folder, name), Buffer.alloc(size, 'x'))
  for (const name of ['docs', 'pictures', 'übung']) mkdirSync(join(folder, name))
  symlinkSync('nowhere', join(folder, 'dangling link'))
  writeFileSync(join(folder, 'docs', 'long.wav'), wav(600))
  writeFileSync(join(folder, 'docs', 'inside.txt'), 'inside')
  for (const name of hostile) writeFileSync(join(folder, 'pictures', name), 'hostile')
  for (const [name] of files) utimesSync(join(folder, name), time, time)
  lutimesSync(join(folder, 'dangling link'), time, time)
  for (const name of ['docs', 'pictures', 'übung']) utimesSync(join(folder, name), time, time)
}

// Scripts for the page, as text: the tests' own types know no document.

const seek = `(async () => {
  const video = document.createElement('video')
  video.src = '/docs/long.wav'
  document.body.append(video)
  await new Promise((resolve) => video.addEventListener('loadedmetadata', resolve))
  video.currentTime = 550
  await new Promise((resolve) => video.addEventListener('seeked', resolve))
  return [Math.round(video.currentTime), Math.round(video.duration)]
})()`

/** The page's own colours, as the browser paints them. */
const colours = `(() => {
  const probe = document.createElement('div')
  probe.style.background = 'Canvas'
  document.body.append(probe)
  const pair = [getComputedStyle(document.body).color, getComputedStyle(probe).backgroundColor]
  probe.remove()
  return pair
})()`

/** Names in the order shown. */
function shown(): Promise<string[]> {
  return page.locator('li:visible > a').allInnerTexts()
}

describeWith(['chromium'], 'Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'basehttp-browser-'))
    profile = mkdtempSync(join(tmpdir(), 'basehttp-profile-'))
    makeTree()
    const Handler = configure(SimpleHTTPRequestHandler, {
      directory: folder,
      protocolVersion: 'HTTP/1.1',
    })
    server = new HTTPServer(['127.0.0.1', 0], Handler, { log: (line) => log.push(line) })
    await server.listen()
    browser = await chromium.launch({
      executablePath: findTool('chromium') ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
      env: { ...process.env, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
    })
    page = await browser.newPage({ viewport: { width: 880, height: 560 } })
  })

  afterAll(async () => {
    await browser.close()
    await server.shutdown()
    rmSync(folder, { recursive: true })
    rmSync(profile, { recursive: true, force: true })
  })

  const complaints: string[] = []

  beforeEach(async () => {
    complaints.length = 0
    page.removeAllListeners()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`http://127.0.0.1:${server.serverPort}/`)
  })

  it('shows a listing, directories first, without complaint', async () => {
    const names = await shown()
    expect(names.slice(0, 3)).toEqual(['docs/', 'pictures/', 'übung/'])
    expect(names).toHaveLength(9)
    expect(await page.title()).toBe('Directory listing for /')
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
  })

  it('takes no name for markup', async () => {
    await page.getByRole('link', { name: 'pictures/' }).click()
    expect((await shown()).sort()).toEqual([...hostile].sort())
    await page.hover('a[href*="onmouseover"]')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Directory listing for /pictures/')
  })

  it('sorts by each column and back', async () => {
    await page.getByRole('button', { name: 'Size' }).click()
    const files = async (): Promise<string[]> =>
      (await shown()).filter((name) => !name.endsWith('/'))
    expect((await files())[0]).toBe('archive.tar.gz')
    await page.getByRole('button', { name: 'Size' }).click()
    expect((await files()).at(-1)).toBe('archive.tar.gz')
    await page.getByRole('button', { name: 'Modified' }).click()
    expect(await files()).toHaveLength(6)
  })

  it('filters by name, from the keyboard', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('PHOTO')
    expect(await shown()).toEqual(['photo 1.jpg', 'photo 10.jpg'])
    expect(await page.locator('output').innerText()).toBe('2 of 9')
  })

  it('goes about by keyboard', async () => {
    const focused = (): Promise<string> => page.locator(':focus').innerText()
    await page.keyboard.press('/')
    await page.keyboard.type('photo')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('photo 1.jpg')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('photo 10.jpg')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Escape')
    expect(await shown()).toHaveLength(9)
    await page.keyboard.type('übu')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/%C3%BCbung/')
    expect(await page.title()).toBe('Directory listing for /übung/')
  })

  it('tells a screen reader what is what', async () => {
    await page.getByRole('link', { name: 'docs/' }).click()
    await page.getByRole('button', { name: 'Size' }).click()
    const outline = await page.locator('body').ariaSnapshot()
    for (const line of [
      '- heading "Directory listing for /docs/" [level=1]',
      '- navigation "Breadcrumbs":',
      '- link "Parent directory":',
      '- searchbox "Filter by name"',
      '- button "Size, sorted descending"',
      '- button "Modified (UTC)"',
      '- list:',
      '- link "inside.txt":',
    ]) {
      expect(outline).toContain(line)
    }
  })

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 320, height: 560 })
    await page.goto(`http://127.0.0.1:${server.serverPort}/pictures/`)
    const excess = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate<number>(excess)).toBe(0)
    expect((await shown()).length).toBe(hostile.length)
    await page.setViewportSize({ width: 880, height: 560 })
  })

  it('follows a link with a name beyond ASCII, and the way back', async () => {
    await page.getByRole('link', { name: 'Grüße aus Köln.txt' }).click()
    expect(await page.locator('body').innerText()).toBe('x'.repeat(40))
    await page.goBack()
    await page.getByRole('link', { name: 'übung/' }).click()
    expect(await page.title()).toBe('Directory listing for /übung/')
    await page.locator('nav a').first().click()
    expect(await page.title()).toBe('Directory listing for /')
  })

  it('works without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto(`http://127.0.0.1:${server.serverPort}/`)
    await plain.getByRole('button', { name: 'Size' }).click()
    expect(plain.url()).toMatch(/\?sort=-size$/)
    const names = await plain.locator('li > a').allInnerTexts()
    expect(names.find((name) => !name.endsWith('/'))).toBe('archive.tar.gz')
    await context.close()
  })

  it('seeks in media by Range', async () => {
    log.length = 0
    await page.goto(`http://127.0.0.1:${server.serverPort}/docs/inside.txt`)
    const position = await page.evaluate<number[]>(seek)
    expect(position).toEqual([550, 600])
    const parts = log.filter((line) => line.includes('"GET /docs/long.wav HTTP/1.1" 206'))
    expect(parts.length).toBeGreaterThanOrEqual(2)
  })

  it.each(['light', 'dark'] as const)('is legible on a %s screen', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.reload()
    const [text, background] = await page.evaluate<string[]>(colours)
    expect([text, background]).toEqual(
      colorScheme === 'light'
        ? ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']
        : ['rgb(255, 255, 255)', 'rgb(18, 18, 18)'],
    )
    const picture = await page.screenshot(
      process.env['SCREENSHOTS'] === undefined
        ? {}
        : { path: join(__dirname, `../../docs/images/listing-${colorScheme}.png`) },
    )
    expect(picture.length).toBeGreaterThan(10_000)
  })
})
