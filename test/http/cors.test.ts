import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import request from 'supertest'
import { simpleHandler } from '../../lib/index.ts'
import { onEveryHost } from '../helpers/hosts.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'basehttp-cors-'))
  writeFileSync(join(folder, 'a.txt'), 'hello\n')
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

onEveryHost('option cors', (host) => {
  it.each(['/a.txt', '/'])('lets any origin read %s, again and again', async (path) => {
    const server = await host.start(simpleHandler(folder, { cors: true }))
    for (let i = 0; i < 3; i++) {
      const response = await request(server.url).get(path)
      expect(response.status).toBe(200)
      expect(response.headers['access-control-allow-origin']).toBe('*')
    }
  })

  it('answers a preflight request', async () => {
    const server = await host.start(simpleHandler(folder, { cors: 'https://a.example' }))
    const response = await request(server.url)
      .options('/a.txt')
      .set('Access-Control-Request-Method', 'GET')
      .set('Access-Control-Request-Headers', 'range, x-own')
    expect(response.status).toBe(204)
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'range, x-own',
    })
  })

  it('leaves other OPTIONS to the next handler', async () => {
    const server = await host.start(simpleHandler(folder, { cors: true }))
    server.takeLog()
    const response = await request(server.url).options('/a.txt')
    expect(response.headers).not.toHaveProperty('access-control-allow-methods')
    server.takeLog()
  })
})

it('refuses an origin that cannot stand in a field', () => {
  expect(() => simpleHandler(folder, { cors: 'a\nb' })).toThrow(/cors/)
  expect(() => simpleHandler(folder, { cors: 1 as never })).toThrow(TypeError)
})
