// How many resources every store has from its first start: those that ship in profiles/.
import { readdirSync } from 'node:fs'

const files = readdirSync(new URL('../profiles/', import.meta.url), { recursive: true })

export const SHIPPED = files.filter((file) => String(file).endsWith('.json')).length
