import { afterEach, describe, expect, it, jest } from '@jest/globals'
import promises from 'node:fs/promises'
import { readDirectory } from '../../../lib/files/directory.ts'
import { makeTree } from '../../helpers/tree.ts'

const real = promises.opendir
const opendir = jest.spyOn(promises, 'opendir')
afterEach(() => {
  opendir.mockClear()
})

async function namesIn(directory: string): Promise<string[]> {
  return (await readDirectory(directory)).map(({ name }) => name).sort()
}

describe('readDirectory()', () => {
  const names = ['plain', 'caf\xe9', '\u{1f600}'].sort()
  const entries = names.map((path) => ({ path, content: '' }))

  it('decodes names', async () => {
    await using tree = await makeTree(entries)
    expect(await namesIn(tree.directory)).toEqual(names)
    expect(opendir).toHaveBeenCalledTimes(1)
  })

  it('reads names as bytes where those of text lead nowhere', async () => {
    await using tree = await makeTree(entries)
    opendir.mockImplementationOnce(async (path, options) => {
      const directory = await real(path, options)
      directory[Symbol.asyncIterator] = async function* () {
        await directory.close()
        yield* []
        throw Object.assign(new Error('lstat'), { code: 'ENOENT' })
      }
      return directory
    })
    expect(await namesIn(tree.directory)).toEqual(names)
    expect(opendir.mock.calls.map(([, options]) => options?.encoding)).toEqual(['latin1', 'buffer'])
  })

  it('asks once for what cannot be read', async () => {
    await using tree = await makeTree([])
    await expect(readDirectory(`${tree.directory}/none`)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(opendir).toHaveBeenCalledTimes(1)
  })
})
