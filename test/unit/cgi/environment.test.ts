import { describe, expect, it } from '@jest/globals'
import {
  hostName,
  inheritedEnvironment,
  requestEnvironment,
  type RequestFacts,
  type ScriptFacts,
} from '../../../lib/cgi/environment.ts'
import { strictEnvironment } from '../../../lib/cgi/strict-environment.ts'

const request: RequestFacts = {
  method: 'GET',
  protocol: 'HTTP/1.1',
  target: '/app/cgi-bin/a.sh/x%20y?q=1',
  query: 'q=1',
  mount: '/app',
  rawHeaders: ['Host', 'Example.org:8080', 'X-Odd', 'v'],
  contentLength: undefined,
  contentDecoded: false,
  scheme: 'http',
  client: { address: '192.0.2.1', port: 4711 },
  server: { software: 'Test/1', name: 'fallback', port: 8000, address: '192.0.2.2' },
  forwardedHost: undefined,
  passAuthorization: false,
  redirectedFrom: undefined,
}
const script: ScriptFacts = {
  name: '/cgi-bin/a.sh',
  file: '/srv/cgi-bin/a.sh',
  pathInfo: '/x y',
  pathTranslated: '/srv/x y',
  documentRoot: '/srv',
}

const environment = (changed: Partial<RequestFacts> = {}, of: Partial<ScriptFacts> = {}) =>
  requestEnvironment({ ...request, ...changed }, { ...script, ...of })

describe('requestEnvironment()', () => {
  it('has every variable of RFC 3875 section 4.1 that applies, and the common ones', () => {
    expect(environment()).toEqual({
      DOCUMENT_ROOT: '/srv',
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_HOST: 'Example.org:8080',
      HTTP_X_ODD: 'v',
      PATH_INFO: '/x y',
      PATH_TRANSLATED: '/srv/x y',
      QUERY_STRING: 'q=1',
      REDIRECT_STATUS: '200',
      REMOTE_ADDR: '192.0.2.1',
      REMOTE_PORT: '4711',
      REQUEST_METHOD: 'GET',
      REQUEST_SCHEME: 'http',
      REQUEST_URI: '/app/cgi-bin/a.sh/x%20y?q=1',
      SCRIPT_FILENAME: '/srv/cgi-bin/a.sh',
      SCRIPT_NAME: '/app/cgi-bin/a.sh',
      SERVER_ADDR: '192.0.2.2',
      SERVER_NAME: 'example.org',
      SERVER_PORT: '8000',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: 'Test/1',
    })
  })

  it('has no PATH_TRANSLATED without PATH_INFO', () => {
    const variables = environment({}, { pathInfo: '' })
    expect(variables).not.toHaveProperty('PATH_INFO')
    expect(variables).not.toHaveProperty('PATH_TRANSLATED')
  })

  it('decodes the mount in SCRIPT_NAME', () => {
    expect(environment({ mount: '/my%20app' })['SCRIPT_NAME']).toBe('/my app/cgi-bin/a.sh')
  })

  it('describes content', () => {
    const rawHeaders = ['Content-Type', 'text/x', 'Content-Length', '7', 'Transfer-Encoding', 'x']
    const variables = environment({ rawHeaders, contentLength: 3 })
    expect(variables).toMatchObject({ CONTENT_TYPE: 'text/x', CONTENT_LENGTH: '3' })
    expect(Object.keys(variables).filter((name) => name.startsWith('HTTP_'))).toEqual([])
    expect(environment()).not.toHaveProperty('CONTENT_LENGTH')
    expect(environment()).not.toHaveProperty('CONTENT_TYPE')
    expect(environment({ contentLength: 0 })['CONTENT_LENGTH']).toBe('0')
  })

  it('says that content is no longer encoded', () => {
    const rawHeaders = ['Content-Encoding', 'gzip']
    expect(environment({ rawHeaders })['HTTP_CONTENT_ENCODING']).toBe('gzip')
    expect(environment({ rawHeaders, contentDecoded: true })).not.toHaveProperty(
      'HTTP_CONTENT_ENCODING',
    )
  })

  it('joins fields of one name as their meaning stays', () => {
    const rawHeaders = [
      'Accept',
      'a',
      'accept',
      'b',
      'Cookie',
      'c=1',
      'Cookie',
      'd=2',
      'X',
      '',
      'Host',
      'h',
      'Host',
      'i',
    ]
    expect(environment({ rawHeaders })).toMatchObject({
      HTTP_ACCEPT: 'a, b',
      HTTP_COOKIE: 'c=1; d=2',
      HTTP_X: '',
      HTTP_HOST: 'h',
    })
  })

  it.each([
    ['the proxy of httpoxy', 'Proxy'],
    ['an underscore', 'X_Forwarded_For'],
    ['a dot', 'X.Dot'],
    ['credentials', 'Authorization'],
    ['credentials for a proxy', 'Proxy-Authorization'],
  ])('hides %s', (_, name) => {
    const variables = environment({ rawHeaders: [name, 'secret'] })
    expect(Object.values(variables)).not.toContain('secret')
  })

  it('passes credentials when asked to', () => {
    const rawHeaders = ['Authorization', 'Basic x']
    expect(environment({ rawHeaders, passAuthorization: true })['HTTP_AUTHORIZATION']).toBe(
      'Basic x',
    )
  })

  it('tells of TLS and of redirects', () => {
    expect(environment()).not.toHaveProperty('HTTPS')
    expect(environment({ scheme: 'https' })).toMatchObject({ HTTPS: 'on', REQUEST_SCHEME: 'https' })
    expect(environment({ redirectedFrom: '/old' })['REDIRECT_URL']).toBe('/old')
  })

  it('has a name of its own for a server without a valid Host', () => {
    expect(environment({ rawHeaders: [] })['SERVER_NAME']).toBe('fallback')
    expect(environment({ rawHeaders: ['Host', 'a b'] })['SERVER_NAME']).toBe('fallback')
  })
})

describe('hostName()', () => {
  it.each([
    ['localhost:80', 'localhost'],
    ['[::1]:8080', '[::1]'],
    ['A.example', 'a.example'],
    ['192.0.2.1', '192.0.2.1'],
    ['', undefined],
    ['a/b', undefined],
    ['u@h', undefined],
    ['a:b', undefined],
    ['<x>', undefined],
  ])('reads %s as %s', (host, name) => {
    expect(hostName(host)).toBe(name)
  })
})

describe('inheritedEnvironment()', () => {
  const server = { PATH: '/bin', SECRET: 's', LC_ALL: 'C', TZ: 'UTC', WANTED: 'é', LANGUAGE: 'x' }

  it('passes an allow-list', () => {
    expect(inheritedEnvironment(server, [], 'linux')).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
    })
  })

  it('passes what is asked for', () => {
    expect(inheritedEnvironment(server, ['WANTED', 'ABSENT'], 'linux')).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      WANTED: '\xc3\xa9',
    })
    expect(inheritedEnvironment(server, 'all', 'linux')['SECRET']).toBe('s')
  })

  it('always has a PATH, but on Windows', () => {
    expect(inheritedEnvironment({}, [], 'linux')).toEqual({ PATH: '/usr/local/bin:/usr/bin:/bin' })
    expect(inheritedEnvironment({ SystemRoot: 'C' }, [], 'win32')).toEqual({ SystemRoot: 'C' })
  })
})

describe('strictEnvironment()', () => {
  const strict = (rawHeaders: string[]) =>
    strictEnvironment({ ...request, mount: '', rawHeaders }, script, {
      serverName: 'name',
      protocolVersion: 'HTTP/1.0',
    })

  it('has the variables of http.server and no others', () => {
    expect(strict([])).toEqual({
      CONTENT_LENGTH: '',
      CONTENT_TYPE: 'text/plain',
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_ACCEPT: '',
      HTTP_COOKIE: '',
      HTTP_REFERER: '',
      HTTP_USER_AGENT: '',
      PATH_INFO: '/x y',
      PATH_TRANSLATED: '/srv/x y',
      QUERY_STRING: 'q=1',
      REMOTE_ADDR: '192.0.2.1',
      REMOTE_HOST: '',
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '/cgi-bin/a.sh',
      SERVER_NAME: 'name',
      SERVER_PORT: '8000',
      SERVER_PROTOCOL: 'HTTP/1.0',
      SERVER_SOFTWARE: 'Test/1',
    })
  })

  it('joins Accept and Cookie its own way', () => {
    expect(strict(['Accept', 'a', 'Accept', 'b', 'Cookie', 'c', 'Cookie', 'd'])).toMatchObject({
      HTTP_ACCEPT: 'a,b',
      HTTP_COOKIE: 'c, d',
    })
  })

  it.each([
    ['Basic dTpw', { AUTH_TYPE: 'Basic', REMOTE_USER: 'u' }],
    ['basic dTpwOng=', { AUTH_TYPE: 'basic', REMOTE_USER: undefined }],
    ['Bearer x', { AUTH_TYPE: 'Bearer', REMOTE_USER: undefined }],
    ['Basic', { AUTH_TYPE: undefined, REMOTE_USER: undefined }],
    ['Digest a b', { AUTH_TYPE: undefined, REMOTE_USER: undefined }],
  ])('reads the credentials %s', (authorization, { AUTH_TYPE, REMOTE_USER }) => {
    const variables = strict(['Authorization', authorization])
    expect(variables['AUTH_TYPE']).toBe(AUTH_TYPE)
    expect(variables['REMOTE_USER']).toBe(REMOTE_USER)
  })
})
