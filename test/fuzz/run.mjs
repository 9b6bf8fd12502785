// Coverage-guided fuzzing: `npm run fuzz -- --seconds 60`. Mutates the corpus, keeps what reaches new blocks, and stops
// at the first input that breaks a promise.
//   --seconds N     how long in all, 30 by default
//   --inputs N      so many inputs a target instead, however long they take
//   --target NAME   one of the targets; all of them by default, a share of the time each
//   --seed NUMBER   repeats a run
//   --save          adds what reaches new blocks to the committed corpus
//   --file PATH     runs one input, many times
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Coverage } from './coverage.mjs'
import { mutate, Random } from './mutate.mjs'
import cgi from './target-cgi.mjs'
import text from './target-text.mjs'
import wire from './target-wire.mjs'

const targets = [wire, cgi, text]

/** Inputs between two looks at the counters, which cost as much as a hundred inputs. */
const batchSize = 64

/** Milliseconds for one input. */
const patience = 5000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    inputs: { type: 'string' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    save: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
})
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target)
const positive = [values.seconds, values.inputs ?? 1].every((value) => Number(value) > 0)
if (chosen.length === 0 || !positive || !(Number(values.seed) >= 0)) {
  console.error(
    'usage: npm run fuzz -- [--seconds N | --inputs N] [--target wire|cgi|text] [--seed N] [--save] [--file PATH]',
  )
  process.exit(2)
}

/** What runs, for a hang that nothing else would tell of. */
let current = Buffer.alloc(0)
let currentTarget = chosen[0]
process.on('uncaughtException', (error) => fail(error))
process.on('unhandledRejection', (error) => fail(error))

for (const target of chosen) {
  currentTarget = target
  const random = new Random(Number(values.seed))
  if (values.file !== undefined) await repeat(target, readFileSync(values.file), random)
  else await fuzz(target, random)
}
process.exit(0)

// --- Internal ---

async function repeat(target, bytes, random) {
  for (let i = 0; i < 1000; i++) await execute(target, bytes, random)
}

async function fuzz(target, random) {
  const corpus = readCorpus(target.name)
  const coverage = new Coverage()
  for (const bytes of corpus) await execute(target, bytes, random)
  coverage.add(coverage.look())
  const start = Date.now()
  const duration = (Number(values.seconds) * 1000) / chosen.length
  let executed = 0
  while (values.inputs ? executed < Number(values.inputs) : Date.now() - start < duration) {
    const batch = Array.from({ length: batchSize }, () =>
      mutate(random.of(corpus), random, target.dictionary, corpus),
    )
    for (const bytes of batch) await execute(target, bytes, random)
    executed += batch.length
    if (coverage.isNew(coverage.look())) await keep(target, batch, corpus, coverage, random)
  }
  coverage.stop()
  const rate = Math.round(executed / ((Date.now() - start) / 1000))
  console.log(
    `${target.name}: ${executed} inputs, ${rate} a second, ${coverage.summary}, corpus ${corpus.length}, seed ${values.seed}`,
  )
}

/** Finds out which inputs of a batch it was, by looking after each. */
async function keep(target, batch, corpus, coverage, random) {
  for (const bytes of batch) {
    await execute(target, bytes, random)
    const seen = coverage.look()
    if (!coverage.isNew(seen)) continue
    coverage.add(seen)
    corpus.push(bytes)
    if (values.save) save(`corpus/${target.name}`, bytes)
  }
}

async function execute(target, bytes, random) {
  current = bytes
  const timer = setTimeout(() => fail(new Error('it hangs')), patience)
  try {
    await target.run(bytes, random)
  } catch (error) {
    fail(error)
  } finally {
    clearTimeout(timer)
  }
}

function readCorpus(name) {
  const folder = new URL(`corpus/${name}/`, import.meta.url)
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(new URL(file, folder)))
}

function save(folder, bytes) {
  const path = fileURLToPath(new URL(`${folder}/`, import.meta.url))
  mkdirSync(path, { recursive: true })
  const file = `${path}${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
  writeFileSync(file, bytes)
  return file
}

function fail(error) {
  const file = save('found', current)
  console.error(`${currentTarget.name} with seed ${values.seed} fails for ${file}:`)
  console.error(JSON.stringify(current.toString('latin1')))
  console.error(error)
  process.exit(1)
}
