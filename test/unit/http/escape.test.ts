import { describe, expect, it } from '@jest/globals'
import { escapeHtml } from '../../../lib/http/escape.ts'

describe('escapeHtml()', () => {
  const text = `<a href="x" title='&amp;'>`

  it('replaces markup and quotes', () => {
    expect(escapeHtml(text)).toBe('&lt;a href=&quot;x&quot; title=&#x27;&amp;amp;&#x27;&gt;')
  })

  it('leaves quotes when asked to', () => {
    expect(escapeHtml(text, false)).toBe(`&lt;a href="x" title='&amp;amp;'&gt;`)
  })

  it('leaves all else', () => {
    expect(escapeHtml('plain é \0 \ud800')).toBe('plain é \0 \ud800')
  })
})
