// The store contract on the naive store: the suite's own proof that it can be passed.
import t from 'tap'
import { openNaiveStore } from './naive-store.ts'
import { storeContract } from './store-contract.ts'

t.setTimeout(300_000)
storeContract(t, 'naive', async (options) => openNaiveStore(options))
