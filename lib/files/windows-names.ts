// What Windows makes of a name before it opens a file, so that one file has many names and a guard sees only one of
// them. The rules are about strings alone and hold on any system; they are applied where the files are on Windows.

/** Devices, with any extension, in any directory; superscript digits count as digits. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:[ ]*[.:].*)?$/i

/** `PROGRA~1`, the short name that NTFS keeps beside a long one. */
const shortName = /^[^.]{1,6}~\d+(?:\..{0,3})?$/

/** Separators, drives and alternate streams, wildcards, quotes; and controls, which the file system refuses. */
const special = /[\\/:*?"<>|\0-\x1f]/ // eslint-disable-line no-control-regex -- controls are meant

/** Windows drops dots and blanks at the end of a name: `secret.txt.` opens `secret.txt`, `.. .` is `..`. */
const dropped = /[. ]$/

/**
 * Whether a segment of a path means something else to Windows than the name it spells: a device, a drive, another
 * path, an alternate stream, a short name, or a name with what Windows drops from its end.
 *
 * @param segment - one decoded segment
 */
export function isWindowsAlias(segment: string): boolean {
  return (
    special.test(segment) ||
    dropped.test(segment) ||
    device.test(segment) ||
    shortName.test(segment)
  )
}
