// `alcove load FILE|FOLDER...`: resources, Bundles and NDJSON into the configured database.
import { UNAUTHENTICATED } from '../access/index.ts'
import { baseUrlOf, readConfig, type Config } from '../config.ts'
import { EXIT, UsageError, type Command, type CommandContext, type Invocation } from './command.ts'
import { bundleExecutor } from './load/bundle.ts'
import { itemsOf } from './load/items.ts'
import { Loader } from './load/loader.ts'
import { ReferenceCheck, type DanglingReference } from './load/references.ts'
import { reportJson, reportText } from './load/report.ts'
import { findSources } from './load/sources.ts'
import { progressOn } from './progress.ts'

/** Resources under way: some in the writer's hands while the next are made ready; few enough to hold in memory. */
const UNDER_WAY = 1500
const MOST_DANGLING_LISTED = 100

export const load: Command = {
  operands: 'FILE|FOLDER...',
  description: `Loads FHIR resources into the configured database, which no server may have open:
  .json, .xml      a resource, or a Bundle: a transaction or batch is carried out as such, the resources
                   of any other Bundle (collection, searchset, document) are loaded one by one
  .ndjson, .jsonl  a resource or Bundle a line; the file may be larger than memory
  .gz              any of these, compressed
Folders are gone through in sorted order. A resource with an id keeps it and replaces what has that id;
one without an id gets one.

What is refused is listed at the end as FILE:LINE: ELEMENT: RULE.
Exit status: 0 everything is in, 1 something was refused, 2 the command cannot be followed.`,
  options: {
    references: {
      type: 'string',
      value: 'off|enforce',
      meaning:
        'enforce: refuse a resource that refers to one not there yet (default off: note it at the end)',
    },
    json: { type: 'boolean', meaning: 'the summary as one line of JSON' },
    quiet: { type: 'boolean', meaning: 'no progress' },
  },
  run: runLoad,
}

async function runLoad(
  { operands, options }: Invocation,
  { env, cwd, stdout, stderr, now, stop, root }: CommandContext,
): Promise<number> {
  if (operands.length === 0) throw new UsageError('takes the files or folders to load')
  const config = configOf(env, options['references'])
  const { sources, refused, skipped } = await findSources(operands, cwd)
  const started = now()
  const progress = progressOn(stderr, now, options['quiet'] === true)
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0)

  const { openParts } = await root()
  const parts = await openParts(config, { servesOthers: false, loads: true })
  try {
    // While there is nothing of their types yet, parameters that have just come need no walk over what is loaded.
    parts.customParameters.start()
    const repository = parts.repositoryFor(UNAUTHENTICATED)
    const baseUrl = `${baseUrlOf(config, config.port)}/fhir`
    const executeBundle = bundleExecutor(parts, baseUrl, now)
    const references = config.references === 'off' ? new ReferenceCheck(baseUrl) : undefined
    const loader = new Loader({ repository, executeBundle, references, mostUnderWay: UNDER_WAY, stop })
    const { account } = loader
    for (const { file, rule } of refused)
      void loader.add({ kind: 'fault', place: { file, prefix: '', lineOf: () => 1 }, element: '', rule })

    let before = 0
    let files = 0
    for (const source of sources) {
      if (stop.aborted) break
      let read = 0
      for await (const items of itemsOf(source, cwd, parts.definitions, (bytes) => (read = bytes))) {
        for (const item of items) {
          if (stop.aborted) break
          const room = loader.add(item)
          if (room === undefined) continue
          await room
          const count = account.created + account.updated + account.unchanged + account.deleted
          progress.report({ done: before + read, total, count, noun: 'resources', refused: account.refused })
        }
        if (stop.aborted) break
      }
      before += source.bytes
      files++
    }
    await loader.finish()

    const dangling: DanglingReference[] = []
    let danglingMore = 0
    if (references !== undefined && !stop.aborted)
      for await (const it of references.dangling(repository))
        if (dangling.length < MOST_DANGLING_LISTED) dangling.push(it)
        else danglingMore++
    progress.clear()
    const elapsedMs = now() - started
    const report = { account, files, skipped, dangling, danglingMore, elapsedMs, interrupted: stop.aborted }
    stdout.write(options['json'] === true ? reportJson(report) : reportText(report))
    if (stop.aborted) return EXIT.interrupted
    return account.refused > 0 ? EXIT.failed : EXIT.ok
  } finally {
    progress.clear()
    await parts.close()
  }
}

function configOf(env: CommandContext['env'], references: string | boolean | undefined): Config {
  if (references !== undefined && references !== 'off' && references !== 'enforce')
    throw new UsageError(`--references is ${JSON.stringify(references)}, but must be off or enforce`)
  const config = readConfig(env)
  return Object.freeze({
    ...config,
    references: references ?? 'off',
    baseUrl: baseUrlOf(config, config.port),
  })
}
