/** `directory/name`, whether or not the directory's path has a slash at its end. */
export function join(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`
}
