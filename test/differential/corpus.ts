import { conditional } from './corpus/conditional.ts'
import { connection } from './corpus/connection.ts'
import { fields } from './corpus/fields.ts'
import { files } from './corpus/files.ts'
import { framing } from './corpus/framing.ts'
import { generated } from './corpus/generated.ts'
import { listings } from './corpus/listings.ts'
import { methods } from './corpus/methods.ts'
import { requestLines } from './corpus/request-lines.ts'
import { targets } from './corpus/targets.ts'
import { versions } from './corpus/versions.ts'
import type { CorpusEntry } from './entry.ts'

/** Every exchange that CPython's http.server and ours are compared by. Names are unique. */
export const corpus: readonly CorpusEntry[] = [
  ...methods,
  ...targets,
  ...versions,
  ...requestLines,
  ...fields,
  ...framing,
  ...connection,
  ...conditional,
  ...files,
  ...listings,
  ...generated,
]
