const beyond = /[^\0-\xff]/

/** Whether every character fits one byte, so that the text can be written to a head as latin-1 without loss. */
export function isLatin1(text: string): boolean {
  return !beyond.test(text)
}
