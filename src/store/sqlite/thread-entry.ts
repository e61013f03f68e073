// Starts the store's threads, from the sources or from the bundle.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

/** In the bundle this module is in `dist/` or in `dist/chunks/`. */
const PLACES = ['./sqlite-writer.js', '../sqlite-writer.js']

interface RoleData {
  /** What the system calls the thread, too. */
  readonly role: string
}

export function startThread<Data extends RoleData>(data: Data): Worker {
  return new Worker(entry(), { workerData: data, name: data.role })
}

function entry(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./writer.ts', import.meta.url)
  const places = PLACES.map((place) => new URL(place, import.meta.url))
  const found = places.find((place) => existsSync(fileURLToPath(place)))
  if (found === undefined)
    throw new Error('sqlite-writer.js is missing: the installation is not whole. Build it anew.')
  return found
}
