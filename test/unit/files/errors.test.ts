import { describe, expect, it } from '@jest/globals'
import { type FailureStatus, FileError, statusOfError } from '../../../lib/files/errors.ts'
import { UnnameableError } from '../../../lib/files/fs.ts'
import { errorCode } from '../../../lib/http/error.ts'

const system = (code: string, message = ''): Error => Object.assign(new Error(message), { code })

describe('statusOfError()', () => {
  it.each([
    ['ENOENT', 404],
    ['ENOTDIR', 404],
    ['ENAMETOOLONG', 404],
    ['ELOOP', 404],
    ['ENXIO', 404],
    ['EACCES', 403],
    ['EPERM', 403],
    ['EMFILE', 503],
    ['ENFILE', 503],
    ['EIO', 500],
    ['ESTALE', 500],
  ])('takes %s for %i', (code, status) => {
    expect(statusOfError(system(code))).toBe(status)
  })

  it.each([[undefined], [null], ['ENOENT'], [new Error('x')], [{ code: 404 }]])(
    'takes %j for 500',
    (error) => {
      expect(statusOfError(error)).toBe(500)
      expect(errorCode(error)).toBe('')
    },
  )

  it('takes a path with a NUL for 404', () => {
    expect(statusOfError(new UnnameableError())).toBe(404)
  })
})

describe('FileError', () => {
  it('has what http-errors gives its errors', () => {
    const error = new FileError(416, undefined, { 'Content-Range': 'bytes */9' })
    expect(error).toMatchObject({
      name: 'RangeNotSatisfiableError',
      message: 'Range Not Satisfiable',
      status: 416,
      statusCode: 416,
      expose: true,
      code: 'ERR_RANGE_NOT_SATISFIABLE',
      headers: { 'Content-Range': 'bytes */9' },
    })
    expect(error.stack).toMatch(/^RangeNotSatisfiableError: Range Not Satisfiable\n/)
  })

  it.each<[FailureStatus, string]>([
    [400, 'BadRequestError'],
    [403, 'ForbiddenError'],
    [404, 'NotFoundError'],
    [412, 'PreconditionFailedError'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailableError'],
  ])('is named for %i: %s', (status, name) => {
    expect(new FileError(status).name).toBe(name)
  })

  it('keeps the path on disk to its cause', () => {
    const cause = system('ENOENT', "ENOENT: no such file or directory, open '/srv/secret/x'")
    const error = new FileError(404, cause)
    expect(error).toMatchObject({
      message: 'ENOENT: no such file or directory',
      code: 'ENOENT',
      expose: false,
      cause,
    })
    expect(error.stack).not.toContain('/srv/secret')
  })

  it('shows no more than the code of a message it does not know', () => {
    expect(new FileError(404, system('EX', '/srv/secret')).message).toBe('EX')
  })
})
